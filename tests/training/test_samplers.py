"""Properties 17 to 27: what the sampled path sees."""

import itertools

import pytest
import torch

from sgma_qgis.model.training import samplers
from sgma_qgis.model.training.samplers.modality_aware import LEAST, ModalityAware
from sgma_qgis.model.training.samplers.uniform import Uniform

ALL = [cls() for cls in samplers.SAMPLERS]


def shares(scores, there):
    """Robustness as an attention makes it: softmax over the modalities that are there, 0 elsewhere."""
    return scores.masked_fill(~there, -1e9).softmax(1) * there


def stages(batch=4, modalities=3, absent=((1, 0), (2, 0), (2, 1)), seed=0):
    generator = torch.Generator().manual_seed(seed)
    present = torch.ones(batch, modalities, dtype=torch.bool)
    for b, m in absent:
        present[b, m] = False
    there = [present[:, :, None, None].expand(-1, -1, side, side) for side in (8, 4, 2, 1)]
    return [shares(torch.randn(*t.shape, generator=generator), t) for t in there], there, present


@pytest.mark.parametrize("sampler", ALL, ids=lambda s: s.name)
def test_probabilities_lie_on_available_modalities(sampler):
    robustness, there, present = stages()
    s = sampler.probabilities(robustness, there)
    several = present.sum(1) > 1
    assert (s[~present] == 0).all()
    assert (s >= 0).all()
    torch.testing.assert_close(s.sum(1), several.float())


@pytest.mark.parametrize("sampler", ALL, ids=lambda s: s.name)
def test_draws_never_absent_never_all_and_none_from_a_single_modality(sampler):
    robustness, there, present = stages()
    generator = torch.Generator().manual_seed(1)
    for _ in range(200):
        drawn = sampler.draw(robustness, there, generator)
        assert drawn.dtype == torch.bool
        assert not (drawn & ~present).any()
        several = present.sum(1) > 1
        assert (drawn.any(1) == several).all()
        assert (drawn.sum(1)[several] < present.sum(1)[several]).all()


@pytest.mark.parametrize("sampler", ALL, ids=lambda s: s.name)
def test_draws_repeat_with_the_generator(sampler):
    robustness, there, _ = stages(batch=64, absent=())
    first, second = (sampler.draw(robustness, there, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, second)


def test_one_head_is_the_softmin_of_the_scores():
    scores, there = torch.randn(1, 3, 4, 4), torch.ones(1, 3, 4, 4, dtype=torch.bool)
    s = ModalityAware().probabilities([shares(scores, there)], [there])
    torch.testing.assert_close(s, (-scores).softmax(1).mean((2, 3)), rtol=1e-4, atol=1e-5)


def test_two_modalities_swap_their_shares():
    there = torch.ones(1, 2, 3, 3, dtype=torch.bool)
    r = shares(torch.randn(1, 2, 3, 3), there)
    s = ModalityAware().probabilities([r], [there])
    torch.testing.assert_close(s, r.flip(1).mean((2, 3)), rtol=1e-4, atol=1e-5)


def test_even_shares_give_even_chances():
    there = [torch.ones(2, 4, 2, 2, dtype=torch.bool)] * 4
    s = ModalityAware().probabilities([t / 4.0 for t in there], there)
    torch.testing.assert_close(s, torch.full((2, 4), 0.25))


def test_the_weaker_is_likelier():
    r = torch.tensor([0.7, 0.2, 0.1]).view(1, 3, 1, 1)
    s = ModalityAware().probabilities([r], [torch.ones(1, 3, 1, 1, dtype=torch.bool)])[0]
    assert s[2] > s[1] > s[0]


def test_shares_are_inverted_before_they_are_averaged():
    r = torch.tensor([[0.99, 0.01], [0.6, 0.4], [0.5, 0.5]]).T.reshape(1, 2, 1, 3)
    r = torch.cat([r * 0.8, torch.full((1, 1, 1, 3), 0.2)], 1)
    s = ModalityAware().probabilities([r], [torch.ones(1, 3, 1, 3, dtype=torch.bool)])[0]
    inverse = 1 / r
    first_inverted = (inverse / inverse.sum(1, keepdim=True)).mean((2, 3))[0]
    first_averaged = 1 / r.mean((2, 3))[0]
    torch.testing.assert_close(s, first_inverted, rtol=1e-4, atol=1e-5)
    assert (s - first_averaged / first_averaged.sum()).abs().max() > 0.05


@pytest.mark.parametrize("tiny", [1e-12, 0.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_vanishing_share_stays_finite(tiny, dtype):
    r = torch.tensor([1.0, tiny], dtype=dtype).view(1, 2, 1, 1)
    s = ModalityAware().probabilities([r], [torch.ones(1, 2, 1, 1, dtype=torch.bool)])[0]
    torch.testing.assert_close(s, torch.tensor([LEAST, 1.0]) / (1 + LEAST))


def test_tokens_without_data_do_not_count():
    """A modality that covers a part of the sample is judged there; elsewhere the others share among themselves."""
    r = torch.tensor([[0.5, 1.0], [0.5, 0.0]]).view(1, 2, 1, 2)
    there = torch.tensor([[True, True], [True, False]]).view(1, 2, 1, 2)
    s = ModalityAware().probabilities([r], [there])[0]
    torch.testing.assert_close(s, torch.tensor([0.75, 0.25]))


def test_no_gradient_flows_through_the_chances():
    r = torch.full((1, 2, 1, 1), 0.5, requires_grad=True)
    assert not ModalityAware().probabilities([r], [torch.ones(1, 2, 1, 1, dtype=torch.bool)]).requires_grad


def test_draw_frequencies_match_the_chances():
    there = torch.ones(10_000, 3, 1, 1, dtype=torch.bool)
    r = torch.tensor([0.6, 0.3, 0.1]).view(1, 3, 1, 1).expand(10_000, -1, -1, -1)
    sampler, generator = ModalityAware(), torch.Generator().manual_seed(0)
    expected = sampler.probabilities([r], [there])[0] * 10_000
    counts = sampler.draw([r], [there], generator).sum(0)
    assert (((counts - expected) ** 2) / expected).sum() < 13.8  # chi-square, 2 degrees of freedom, p = 0.001


def test_uniform_draws_every_proper_subset_equally_often():
    there = torch.ones(14_000, 4, 1, 1, dtype=torch.bool)
    there[:, 1] = False
    drawn = Uniform().draw([there / 3.0], [there], torch.Generator().manual_seed(0))
    found = {}
    for row in drawn.tolist():
        found[tuple(row)] = found.get(tuple(row), 0) + 1
    proper = [p for p in itertools.product((False, True), repeat=3) if 0 < sum(p) < 3]
    assert set(found) == {(a, False, b, c) for a, b, c in proper}
    expected = 14_000 / len(proper)
    assert sum((n - expected) ** 2 / expected for n in found.values()) < 20.5  # 5 degrees of freedom, p = 0.001
