"""The loss of a step: properties 22, 24, 25, 37."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.nn import build
from sgma_qgis.model.training import step as steps
from sgma_qgis.model.training.batches import epoch
from sgma_qgis.model.training.contrastive import TEMPERATURE, TOKENS, contrastive, info_nce
from sgma_qgis.model.training.dataset import Crops
from sgma_qgis.model.training.losses import MOST_WEIGHT, class_weights, cross_entropy, distillation, soft_dice
from sgma_qgis.model.training.recipe import Recipe
from sgma_qgis.model.training.samplers.modality_aware import ModalityAware
from sgma_qgis.model.training.samplers.uniform import Uniform
from sgma_qgis.model.training.step import Teacher, step_loss
from tests.training.scenes import make_card, make_set

RECIPE = Recipe()


@dataclass(frozen=True)
class Only:
    """A sampler that knows one modality."""

    m: int
    keeps_whole = False
    uses_robustness = False
    measures = False

    def scenarios(self, keys):
        return ((keys[self.m],),)

    def weights(self, view):
        return torch.ones(1, len(view.available), 1)


def teacher_of(network, sensors=(True, True, True), classes=(0, 1, 2)):
    return Teacher(network, torch.tensor(sensors), torch.tensor(classes))


@pytest.fixture
def step():
    chips = make_set(counts=(4, 0, 0))
    network = build.build(make_card(chips)).eval()  # no dropout: exact comparisons
    return network, next(iter(epoch(chips.roles["train"], chips.modalities, Crops(32, 4, (1.0, 1.0), 0), 0)))


def test_loss_is_two_of_the_full_path_and_one_of_the_sampled(step):
    network, batch = step
    loss = step_loss(network, batch, RECIPE, Only(1), torch.Generator())
    full = network(batch.values, batch.valid, batch.affine).logits
    alone = batch.valid & torch.tensor([False, True, False])[None, :, None, None]
    single = network(batch.values, alone, batch.affine).logits
    expected = 2 * cross_entropy(full, batch.labels) + cross_entropy(single, batch.labels)
    torch.testing.assert_close(loss, expected)


def test_the_encoder_runs_once(step):
    network, batch = step
    calls = []
    network.backbone.register_forward_hook(lambda *_: calls.append(1))
    step_loss(network, batch, RECIPE, ModalityAware(), torch.Generator())
    assert len(calls) == 1


def test_samples_with_one_modality_add_no_sampled_term(step):
    network, batch = step
    batch.valid[:, 1:] = False
    loss = step_loss(network, batch, RECIPE, ModalityAware(), torch.Generator())
    full = network(batch.values, batch.valid, batch.affine).logits
    torch.testing.assert_close(loss, 2 * cross_entropy(full, batch.labels))
    batch.valid[0, 1] = True  # one sample of four has two: the sampled term is its alone
    loss = step_loss(network, batch, RECIPE, Only(1), torch.Generator())
    full = network(batch.values, batch.valid, batch.affine).logits
    alone = batch.valid & torch.tensor([False, True, False])[None, :, None, None]
    single = network({k: v[:1] for k, v in batch.values.items()}, alone[:1], _first(batch.affine)).logits
    expected = 2 * cross_entropy(full, batch.labels) + cross_entropy(single, batch.labels[:1])
    torch.testing.assert_close(loss, expected)


def _first(affine):
    return {key: tuple(part[:1] for part in pair) for key, pair in affine.items()}


def test_pixels_the_drawn_modality_lacks_have_no_sampled_label(step):
    network, batch = step
    batch.valid[:, 1, :, :16] = False
    loss = step_loss(network, batch, RECIPE, Only(1), torch.Generator())
    full = network(batch.values, batch.valid, batch.affine).logits
    alone = batch.valid & torch.tensor([False, True, False])[None, :, None, None]
    single = network(batch.values, alone, batch.affine).logits
    expected = 2 * cross_entropy(full, batch.labels) + cross_entropy(single[..., 16:], batch.labels[..., 16:])
    torch.testing.assert_close(loss, expected)


def gradients(network, batch, recipe, sampler, seed=0, **more):
    network.zero_grad()
    loss = step_loss(network, batch, recipe, sampler, torch.Generator().manual_seed(seed), **more)
    loss.backward()
    return loss.detach(), {name: p.grad for name, p in network.named_parameters()}


def same(first, second):
    return all(first[k] is second[k] or torch.equal(first[k], second[k]) for k in first)


def test_terms_of_weight_0_change_no_bit(step, monkeypatch):
    network, batch = step
    plain = gradients(network, batch, RECIPE, ModalityAware())

    def never(*_):
        raise AssertionError

    for name in ("contrastive", "soft_dice", "distillation"):
        monkeypatch.setattr(steps, name, never)
    zero = replace(RECIPE, contrastive_weight=0.0, dice=0.0, distil=0.0)
    found = gradients(network, batch, zero, ModalityAware(), teacher=teacher_of(network))
    assert torch.equal(plain[0], found[0])
    assert same(plain[1], found[1])


def test_the_contrastive_term_leaves_the_draws_alone_and_reaches_the_encoder(step):
    network, batch = step
    plain, _ = gradients(network, batch, RECIPE, ModalityAware())
    more, _ = gradients(network, batch, replace(RECIPE, contrastive_weight=0.5), ModalityAware())
    features = network.encode(batch.values, batch.valid, batch.affine)
    alone = contrastive(network, features, torch.Generator())
    torch.testing.assert_close(more, plain + 0.5 * alone)
    network.zero_grad()
    alone.backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in network.backbone.parameters())
    assert all(p.grad is None for p in network.head.parameters())


@pytest.mark.parametrize("fusion", ["semantic_guided", "mean"])
def test_the_contrastive_term_skips_what_is_absent(fusion):
    chips = make_set(counts=(4, 0, 0), side=64)
    network = build.build(make_card(chips, fusion)).eval()
    batch = next(iter(epoch(chips.roles["train"], chips.modalities, Crops(64, 4, (1.0, 1.0), 0), 0)))
    batch.valid[:, 1] = False
    features = network.encode(batch.values, batch.valid, batch.affine)
    found = contrastive(network, features, torch.Generator())
    batch.values["nir"].fill_(float("nan"))
    again = contrastive(network, network.encode(batch.values, batch.valid, batch.affine), torch.Generator())
    assert found > 0
    assert torch.equal(found, again)
    batch.valid[:, 2] = False  # one sensor: no pair
    features = network.encode(batch.values, batch.valid, batch.affine)
    assert contrastive(network, features, torch.Generator()).item() == 0


def test_info_nce_is_its_formula_and_takes_no_more_tokens_than_it_may():
    first, second = F.normalize(torch.randn(5, 8), dim=1), F.normalize(torch.randn(5, 8), dim=1)
    alike = (first @ second.T / TEMPERATURE).double()
    rows = -(alike.diagonal() - alike.logsumexp(1)).mean()
    columns = -(alike.diagonal() - alike.logsumexp(0)).mean()
    torch.testing.assert_close(info_nce(3 * first, second).double(), (rows + columns) / 2)
    chips = make_set(counts=(3, 0, 0), side=320)  # 3 x 100 tokens of stride 32
    network = build.build(make_card(chips, "mean")).eval()
    batch = next(iter(epoch(chips.roles["train"], chips.modalities, Crops(320, 3, (1.0, 1.0), 0), 0)))
    features = network.encode(batch.values, batch.valid, batch.affine)
    features = features._replace(maps=tuple(torch.ones_like(part) for part in features.maps))
    found = contrastive(network, features, torch.Generator())  # nothing to tell apart: log n a pair
    torch.testing.assert_close(found, 3 * torch.tensor(float(TOKENS)).log())


def test_a_fused_path_of_the_sampler_sees_draws_alone(step):
    """One path of modality dropout: the loss is that of the subsets drawn."""
    network, batch = step
    recipe = replace(RECIPE, fused_path="sampler", full_weight=1.0, sampled_weight=0.0)
    loss = step_loss(network, batch, recipe, Only(2), torch.Generator())
    alone = batch.valid & torch.tensor([False, False, True])[None, :, None, None]
    torch.testing.assert_close(loss, cross_entropy(network(batch.values, alone, batch.affine).logits, batch.labels))
    both = replace(recipe, sampled_weight=0.5)
    torch.testing.assert_close(step_loss(network, batch, both, Only(2), torch.Generator()), 1.5 * loss)
    without = replace(RECIPE, full_weight=0.0)  # the fused path does not count: the same
    torch.testing.assert_close(step_loss(network, batch, without, Only(2), torch.Generator()), loss)
    assert step_loss(network, batch, recipe, ModalityAware(), torch.Generator()).requires_grad


def test_samples_of_one_sensor_train_in_a_path_of_draws(step):
    network, batch = step
    batch.valid[:, 1:] = False
    recipe = replace(RECIPE, fused_path="sampler", sampled_weight=0.0, full_weight=1.0)
    full = network(batch.values, batch.valid, batch.affine).logits
    loss = step_loss(network, batch, recipe, Uniform(), torch.Generator())
    torch.testing.assert_close(loss, cross_entropy(full, batch.labels))


def test_stages_that_draw_apart_are_fused_apart(step):
    network, batch = step
    recipe = replace(RECIPE, full_weight=0.0)
    generator = torch.Generator().manual_seed(5)
    loss = step_loss(network, batch, recipe, ModalityAware(per_stage=True), generator)
    assert torch.isfinite(loss)
    same_draw = step_loss(network, batch, recipe, ModalityAware(), torch.Generator().manual_seed(5))
    assert not torch.equal(loss, same_draw)


def test_dice_and_the_teacher_add_their_terms(step):
    network, batch = step
    plain = step_loss(network, batch, RECIPE, Only(1), torch.Generator())
    alone = batch.valid & torch.tensor([False, True, False])[None, :, None, None]
    full = network(batch.values, batch.valid, batch.affine).logits
    single = network(batch.values, alone, batch.affine).logits
    found = step_loss(network, batch, replace(RECIPE, dice=0.5), Only(1), torch.Generator())
    dice = 2 * soft_dice(full, batch.labels) + soft_dice(single, batch.labels)
    torch.testing.assert_close(found, plain + 0.5 * dice)
    recipe = replace(RECIPE, distil=0.5)
    found = step_loss(network, batch, recipe, Only(1), torch.Generator(), teacher=teacher_of(network))
    everywhere = torch.ones_like(batch.labels, dtype=torch.bool)
    torch.testing.assert_close(found, plain + 0.5 * distillation(single, full, everywhere))


def test_the_teacher_sees_its_sensors_and_compares_its_classes(step):
    network, batch = step
    batch.valid[0, :2] = False  # this sample has nothing that the teacher knows
    teacher = teacher_of(network, (True, True, False), (0, 2))
    found = step_loss(network, batch, replace(RECIPE, distil=0.5), Only(1), torch.Generator(), teacher=teacher)
    plain = step_loss(network, batch, RECIPE, Only(1), torch.Generator())
    known = batch.valid & torch.tensor([True, True, False])[None, :, None, None]
    rest = batch.take(torch.tensor([1, 2, 3]))
    wanted = network(rest.values, known[1:], rest.affine).logits[:, [0, 2]]
    alone = rest.valid & torch.tensor([False, True, False])[None, :, None, None]
    single = network(rest.values, alone, rest.affine).logits[:, [0, 2]]
    torch.testing.assert_close(
        found, plain + 0.5 * distillation(single, wanted, torch.ones(3, 32, 32, dtype=torch.bool))
    )


def test_class_weights_make_classes_count_alike():
    counts = np.array([900, 100, 0])
    weights = class_weights(counts, "balanced")
    assert class_weights(counts, "none") is None
    torch.testing.assert_close(weights[:2] * torch.tensor([900.0, 100.0]), torch.full((2,), float(weights[0] * 900)))
    assert weights[:2].mean().item() == pytest.approx(1)
    labels = torch.tensor([[[0] * 9 + [1]]])
    logits = torch.randn(1, 3, 1, 10)
    each = F.cross_entropy(logits, labels, reduction="none")[0, 0]
    found = cross_entropy(logits, labels, weights)
    torch.testing.assert_close(found, (each[:9].mean() + each[9]) / 2)
    assert cross_entropy(logits, torch.full_like(labels, IGNORE), weights).item() == 0
    rare = class_weights(np.array([10**9, 1]), "balanced")
    assert (rare[1] / rare[0]).item() == pytest.approx(MOST_WEIGHT)


def test_dice_of_known_maps():
    labels = torch.tensor([[[0, 0, 1, IGNORE]]])
    perfect = 50 * F.one_hot(torch.tensor([[[0, 0, 1, 2]]]), 3).movedim(-1, 1).float()
    assert soft_dice(perfect, labels).item() == pytest.approx(0, abs=1e-6)
    even = soft_dice(torch.zeros(1, 3, 1, 4), labels).item()  # each class: 2 * n / 3 / (3 / 3 + n)
    assert even == pytest.approx(1 - (2 * 2 / 3 / 3 + 2 * 1 / 3 / 2) / 2)


def test_losses_of_nothing_are_0_with_zero_gradients():
    """Property 37."""
    for loss in (
        lambda x: soft_dice(x, torch.full((2, 4, 4), IGNORE)),
        lambda x: distillation(x, torch.randn(2, 3, 4, 4), torch.zeros(2, 4, 4, dtype=torch.bool)),
    ):
        logits = torch.randn(2, 3, 4, 4, requires_grad=True)
        found = loss(logits)
        found.backward()
        assert found.item() == 0
        assert (logits.grad == 0).all()


def test_distillation_is_0_for_equal_scores_and_positive_otherwise():
    logits, where = torch.randn(2, 3, 4, 4), torch.ones(2, 4, 4, dtype=torch.bool)
    assert distillation(logits, logits + 5, where).item() == pytest.approx(0, abs=1e-6)
    assert distillation(logits, -logits, where) > 0.1
