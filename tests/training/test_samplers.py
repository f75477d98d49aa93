"""Properties 17 to 27: what the sampled path sees. The contract runs over the registry."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
import torch

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.training import samplers
from sgma_qgis.model.training.drawing import View, chances, draw, masks
from sgma_qgis.model.training.samplers.bernoulli import Bernoulli
from sgma_qgis.model.training.samplers.curriculum import Curriculum
from sgma_qgis.model.training.samplers.latent_scenario import LatentScenario
from sgma_qgis.model.training.samplers.modality_aware import LEAST, ModalityAware
from sgma_qgis.model.training.samplers.uniform import Uniform
from sgma_qgis.model.training.samplers.uniform_size import UniformSize
from sgma_qgis.model.training.scenarios import Distortion

KEYS = ("rgb", "nir", "dsm")
ALL = [
    *(cls() for cls in samplers.SAMPLERS),
    ModalityAware(per_batch=True),
    ModalityAware(per_stage=True),
    ModalityAware(alone=1.0),
    ModalityAware(alone=0.2, per_batch=True),
    LatentScenario(plausible="rgb,rgb+dsm"),
]
every_sampler = pytest.mark.parametrize("sampler", ALL, ids=repr)


def shares(scores, there):
    """Robustness as an attention makes it: softmax over the modalities that are there, 0 elsewhere."""
    return scores.masked_fill(~there, -1e9).softmax(1) * there


def a_view(batch=5, absent=((1, 0), (2, 0), (2, 1), (3, 2)), seed=0, sampler=None, **more):
    generator = torch.Generator().manual_seed(seed)
    present = torch.ones(batch, len(KEYS), dtype=torch.bool)
    for b, m in absent:
        present[b, m] = False
    there = [present[:, :, None, None].expand(-1, -1, side, side) for side in (8, 4, 2, 1)]
    robustness = [shares(torch.randn(*t.shape, generator=generator), t) for t in there]
    table = None
    if getattr(sampler, "measures", False):
        count = len(sampler.scenarios(KEYS))
        table = sampler.weigh(KEYS, Distortion(tuple(np.linspace(2, 0, count)), (0.1,) * count, 1.0, 9))
    return View(KEYS, present, robustness, there, table=table, **more)


def of_shares(robustness, there=None):
    """A view of one stage."""
    there = torch.ones_like(robustness, dtype=torch.bool) if there is None else there
    return View(KEYS[: robustness.shape[1]], there.flatten(2).any(2), [robustness], [there])


def mas(view):
    """The chances of single modalities, (B,M)."""
    return ModalityAware(alone=1.0).weights(view)[0]


@every_sampler
@pytest.mark.parametrize("beside_whole", [False, True])
def test_contract_chances_lie_on_what_a_sample_has(sampler, beside_whole):
    """Properties 17, 26, 27."""
    view = a_view(sampler=sampler, done=0.5)
    p = chances(sampler, view, beside_whole=beside_whole)
    sets = masks(KEYS, sampler.scenarios(KEYS))
    beyond = (sets & ~view.available[:, None]).any(2)
    assert p.shape[1:] == (5, len(sets))
    assert (p >= 0).all()
    assert (p[:, beyond] == 0).all()
    total = p.sum(2)
    assert ((total - 1).abs().lt(1e-5) | (total == 0)).all()
    if not beside_whole:  # renormalised, nothing else
        free = sampler.weights(view).expand(-1, 5, -1) * ~beyond
        torch.testing.assert_close(p * free.sum(2, keepdim=True), free)


@every_sampler
@pytest.mark.parametrize("beside_whole", [False, True])
def test_contract_draws_are_never_empty_and_never_absent(sampler, beside_whole):
    """Properties 23, 25 to 27: also for samples that none of the scenarios fits, which see all they have."""
    view = a_view(sampler=sampler, done=0.5)
    sets, p = masks(KEYS, sampler.scenarios(KEYS)), chances(sampler, view, beside_whole=beside_whole)
    generator = torch.Generator().manual_seed(1)
    for _ in range(100):
        drawn = draw(sampler, view, generator, beside_whole=beside_whole)
        assert len(drawn) == len(p)
        for stage, found in enumerate(drawn):
            assert found.dtype == torch.bool
            assert not (found & ~view.available).any()
            assert found.any(1).all()
            for b, row in enumerate(found):
                chance = p[stage, b, (sets == row).all(1)].sum()
                assert chance > 0 or (p[stage, b].sum() == 0 and torch.equal(row, view.available[b]))
                if beside_whole and not sampler.keeps_whole and p[stage, b].sum() > 0:
                    assert not torch.equal(row, view.available[b])


@every_sampler
def test_contract_draws_depend_on_the_generator_alone(sampler):
    """Property 23."""
    view = a_view(batch=64, absent=(), sampler=sampler, done=0.5)
    torch.manual_seed(0)
    first = draw(sampler, view, torch.Generator().manual_seed(3), beside_whole=False)
    torch.manual_seed(1)
    again = draw(sampler, view, torch.Generator().manual_seed(3), beside_whole=False)
    assert all(map(torch.equal, first, again))


@every_sampler
def test_contract_frequencies_match_the_chances(sampler):
    """Properties 23 and 26: chi-square over 10,000 draws; a batch that draws together draws 10,000 times."""
    together = sampler.weights(a_view(sampler=sampler)).shape[1] == 1
    view = a_view(batch=1 if together else 10_000, absent=(), sampler=sampler, done=0.5)
    if not together:
        view = dataclasses.replace(view, robustness=[r[:1].expand_as(r) for r in view.robustness])
    generator = torch.Generator().manual_seed(0)
    drawn = [draw(sampler, view, generator, beside_whole=False)[0] for _ in range(10_000 if together else 1)]
    sets = masks(KEYS, sampler.scenarios(KEYS))
    counts = (torch.cat(drawn)[:, None] == sets).all(2).sum(0).double()
    wanted = 10_000 * chances(sampler, view, beside_whole=False)[0, 0].double()
    assert counts.sum() == 10_000
    freedom = len(sets) - 1
    assert ((counts - wanted) ** 2 / wanted).sum() < freedom + 4.5 * math.sqrt(2 * freedom)


CLOSED = {
    Uniform(): lambda s: 1 / 7,
    UniformSize(): lambda s: 1 / (3 * math.comb(3, s)),
    Bernoulli(drop=0.2): lambda s: 0.8**s * 0.2 ** (3 - s) / (1 - 0.2**3),
    Curriculum(drop=0.4, ramp=0.5): lambda s: 0.8**s * 0.2 ** (3 - s) / (1 - 0.2**3),  # half of the ramp
}


@pytest.mark.parametrize("sampler", CLOSED, ids=repr)
def test_closed_forms(sampler):
    """Property 26."""
    found = chances(sampler, a_view(batch=1, absent=(), done=0.25), beside_whole=False)[0, 0]
    wanted = [CLOSED[sampler](len(part)) for part in sampler.scenarios(KEYS)]
    torch.testing.assert_close(found, torch.tensor(wanted))


def test_the_curriculum_starts_without_drops_and_ends_its_ramp_at_its_rate():
    """Property 26."""
    sampler = Curriculum(drop=0.5, ramp=0.2)
    assert [sampler.rate(x) for x in (0.0, 0.1, 0.2, 1.0)] == [0.0, 0.25, 0.5, 0.5]
    view = a_view(absent=())
    assert draw(sampler, view, torch.Generator().manual_seed(0), beside_whole=False)[0].all()


def test_one_head_is_the_softmin_of_the_scores():
    """Property 18."""
    scores, there = torch.randn(1, 3, 4, 4), torch.ones(1, 3, 4, 4, dtype=torch.bool)
    s = mas(of_shares(shares(scores, there)))
    torch.testing.assert_close(s, (-scores).softmax(1).mean((2, 3)), rtol=1e-4, atol=1e-5)


def test_two_modalities_swap_their_shares_and_one_has_all():
    """Property 18."""
    r = shares(torch.randn(1, 2, 3, 3), torch.ones(1, 2, 3, 3, dtype=torch.bool))
    torch.testing.assert_close(mas(of_shares(r)), r.flip(1).mean((2, 3)), rtol=1e-4, atol=1e-5)
    assert mas(of_shares(torch.ones(1, 1, 3, 3))).item() == 1


def test_even_shares_give_even_chances():
    """Property 18."""
    torch.testing.assert_close(mas(of_shares(torch.full((2, 3, 2, 2), 1 / 3))), torch.full((2, 3), 1 / 3))


def test_the_weaker_is_likelier():
    """Property 19: at every token the order of shares is turned round."""
    r = shares(torch.randn(200, 3, 1, 1), torch.ones(200, 3, 1, 1, dtype=torch.bool))
    order = r[:, :, 0, 0].argsort(1)
    assert torch.equal(mas(of_shares(r)).argsort(1, descending=True), order)


def test_shares_are_inverted_before_they_are_averaged():
    """Property 20."""
    r = torch.tensor([[0.99, 0.01], [0.6, 0.4], [0.5, 0.5]]).T.reshape(1, 2, 1, 3)
    r = torch.cat([r * 0.8, torch.full((1, 1, 1, 3), 0.2)], 1)
    s = mas(of_shares(r))[0]
    inverse = 1 / r
    first_inverted = (inverse / inverse.sum(1, keepdim=True)).mean((2, 3))[0]
    first_averaged = 1 / r.mean((2, 3))[0]
    torch.testing.assert_close(s, first_inverted, rtol=1e-4, atol=1e-5)
    assert (s - first_averaged / first_averaged.sum()).abs().max() > 0.05


@pytest.mark.parametrize("tiny", [1e-12, 0.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_a_vanishing_share_stays_finite(tiny, dtype):
    """Property 21."""
    s = mas(of_shares(torch.tensor([1.0, tiny], dtype=dtype).view(1, 2, 1, 1)))[0]
    torch.testing.assert_close(s, torch.tensor([LEAST, 1.0]) / (1 + LEAST))


def test_tokens_without_data_do_not_count():
    """A modality that covers a part of the sample is judged there; elsewhere the others share among themselves."""
    r = torch.tensor([[0.5, 1.0], [0.5, 0.0]]).view(1, 2, 1, 2)
    there = torch.tensor([[True, True], [True, False]]).view(1, 2, 1, 2)
    torch.testing.assert_close(mas(of_shares(r, there))[0], torch.tensor([0.75, 0.25]))


def test_no_gradient_flows_through_the_chances():
    """Property 22."""
    assert not mas(of_shares(torch.full((1, 2, 1, 1), 0.5, requires_grad=True))).requires_grad


def test_a_batch_may_draw_together():
    """Samples that have what was drawn see the same; the others see one of theirs."""
    view = a_view(batch=6, absent=((5, 0), (4, 1)))
    seen = set()
    for seed in range(30):
        sampler = ModalityAware(per_batch=True, alone=1.0)
        drawn = draw(sampler, view, torch.Generator().manual_seed(seed), beside_whole=True)[0]
        assert (drawn[:4] == drawn[0]).all()
        lacks = ~(drawn[0] & view.available[4:]).any(1)
        assert (drawn[4:][~lacks] == drawn[0]).all()
        assert (drawn.sum(1) == 1).all()
        seen.add(tuple(drawn[0].tolist()))
    assert len(seen) == 3


def test_stages_may_draw_apart():
    view = a_view(batch=32, absent=())
    sampler = ModalityAware(per_stage=True, alone=1.0)
    drawn = draw(sampler, view, torch.Generator().manual_seed(0), beside_whole=True)
    assert len(drawn) == 4
    assert all((part.sum(1) == 1).all() for part in drawn)
    assert not torch.equal(drawn[0], drawn[1])
    torch.testing.assert_close(sampler.weights(view).mean(0), mas(view))


def test_larger_sets_are_drawn_as_often_as_asked_and_all_alike():
    view = a_view(batch=4, absent=())
    sampler = ModalityAware(alone=0.6)
    p = chances(sampler, view, beside_whole=False)[0]
    torch.testing.assert_close(p[:, :3], 0.6 * mas(view))
    torch.testing.assert_close(p[:, 3:], torch.full((4, 4), 0.1))
    beside = chances(sampler, view, beside_whole=True)[0]
    torch.testing.assert_close(beside[:, :6], p[:, :6] / 0.9)
    assert (beside[:, 6] == 0).all()


def test_two_sensors_beside_both_are_drawn_by_robustness_alone():
    """The only larger set is what the other path sees."""
    r = torch.tensor([0.8, 0.2]).view(1, 2, 1, 1)
    p = chances(ModalityAware(alone=0.5), of_shares(r), beside_whole=True)[0, 0]
    torch.testing.assert_close(p, torch.tensor([0.2, 0.8, 0.0]))


def test_beside_a_path_that_sees_all_uniform_draws_proper_subsets():
    view = a_view(batch=1, absent=())
    found = chances(Uniform(), view, beside_whole=True)[0, 0]
    assert found.tolist() == pytest.approx([1 / 6] * 6 + [0])
    kept = chances(Bernoulli(), view, beside_whole=True)[0, 0]
    assert kept[-1] == pytest.approx(0.8**3 / (1 - 0.2**3))


def test_names_are_registered_once():
    assert len(samplers.BY_NAME) == len(samplers.SAMPLERS)
    assert {"modality_aware", "uniform", "uniform_size", "bernoulli", "curriculum", "latent_scenario"} == set(
        samplers.BY_NAME
    )


def test_options_are_read_by_their_declared_type():
    assert samplers.create("bernoulli", ["drop=0.5"]) == Bernoulli(drop=0.5)
    assert samplers.create("modality_aware", ["per_batch=yes", "per_stage=no"]) == ModalityAware(per_batch=True)
    found = samplers.create("latent_scenario", ["prefer=low", "refresh=2", "plausible=rgb,rgb+dsm"])
    assert found == LatentScenario(prefer="low", refresh=2, plausible="rgb,rgb+dsm")
    for name, cls in samplers.BY_NAME.items():
        assert all(f"{field.name} (" in samplers.told() for field in dataclasses.fields(cls)), name


@pytest.mark.parametrize(
    ("name", "word", "match"),
    [
        ("bernoulli", "drop", "key=value"),
        ("bernoulli", "rate=0.1", "no option 'rate'.*\n.*drop"),
        ("bernoulli", "drop=much", "drop=much.*a number, 0 to 0.95"),
        ("bernoulli", "drop=nan", "drop=nan"),
        ("curriculum", "ramp=0", "ramp=0.*0.01 to 1"),
        ("uniform", "drop=0.1", "no option 'drop'.\nIt has no options"),
        ("modality_aware", "per_batch=maybe", "per_batch=maybe.*yes or no"),
        ("latent_scenario", "prefer=medium", "prefer=medium.*high or low"),
        ("latent_scenario", "refresh=1.5", "a whole number, 0 or more"),
    ],
)
def test_options_that_cannot_be_used_are_told(name, word, match):
    with pytest.raises(BadInput, match=match):
        samplers.create(name, [word])


def test_an_implausible_sensor_is_refused():
    with pytest.raises(BadInput, match="'sar'.*rgb, nir, dsm"):
        LatentScenario(plausible="rgb+sar").scenarios(KEYS)


def test_absent_modalities_are_drawn_by_no_sampler_in_100_000_draws():
    """Properties 26 and 27."""
    pattern = torch.tensor([row for row in itertools.product((False, True), repeat=3) if any(row)])
    view = View(KEYS, pattern.repeat(15_000, 1), done=0.5)
    for sampler in CLOSED:
        drawn = draw(sampler, view, torch.Generator().manual_seed(0), beside_whole=False)[0]
        assert drawn.any(1).all()
        assert not (drawn & ~view.available).any()
