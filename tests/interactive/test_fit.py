"""The head that strokes train, and the bound on what is kept."""

from dataclasses import dataclass

import pytest
import torch

from sgma_qgis.model.interactive.cache import ByteCache
from sgma_qgis.model.interactive.fit import HIDDEN, LEAST_ROWS, MOST_ROWS, Rows, chosen, fit
from sgma_qgis.model.nn.pixels import CONTEXT_SCALE, Weights, standard

D, E = 6, 4


def scores(weights: Weights, rows: Rows) -> torch.Tensor:
    pixels = standard(rows.values, rows.known, weights.mean[:D], weights.std[:D])
    context = (rows.context - weights.mean[D:]) / weights.std[D:] * CONTEXT_SCALE
    x = torch.cat([pixels, context], 1)
    hidden = torch.relu(x @ weights.first + weights.first_bias)
    return hidden @ weights.last + x @ weights.direct + weights.direct_bias


def rings(count, seed):
    """Return rows whose class is whether the first two features lie within a circle: no straight line parts them."""
    generator = torch.Generator().manual_seed(seed)
    values, context = (torch.randn(count, n, generator=generator) for n in (D, E))
    classes = (values[:, :2].square().sum(1) < 1.4).long()
    return Rows(values, torch.ones(count, D), context, classes)


SPREAD = torch.zeros(D + E), torch.ones(D + E)


def test_classes_that_no_line_parts_are_told_apart():
    weights = fit(rings(600, 0), 2, *SPREAD)
    fresh = rings(2000, 1)
    assert (scores(weights, fresh).argmax(1) == fresh.classes).float().mean() > 0.85


def test_the_same_rows_give_the_same_bits():
    rows = rings(600, 2)
    assert all(torch.equal(a, b) for a, b in zip(fit(rows, 2, *SPREAD), fit(rows, 2, *SPREAD), strict=True))


def test_of_too_many_pixels_those_with_the_least_chance_are_chosen_and_some_of_each_class():
    generator = torch.Generator().manual_seed(6)
    classes = torch.zeros(40 * MOST_ROWS, dtype=torch.long)
    classes[7::500], classes[:3] = 1, 2
    chances = torch.rand(len(classes), generator=generator)
    kept = chosen(classes, chances)
    assert len(kept) == MOST_ROWS
    assert (kept.diff() > 0).all()
    assert torch.bincount(classes[kept]).tolist() == [MOST_ROWS - LEAST_ROWS - 3, LEAST_ROWS, 3]
    common = kept[classes[kept] == 0]
    assert (chances[classes == 0] <= chances[common].max()).sum() == len(common)
    assert chosen(classes[:50], chances[:50]).tolist() == list(range(50))


def test_what_is_chosen_of_parts_is_what_is_chosen_of_all():
    generator = torch.Generator().manual_seed(7)
    classes = torch.randint(0, 5, (12_000,), generator=generator) ** 2 // 4  # 0, 1, 2 and 4, unequally often
    classes[:9000] = 0
    chances = torch.rand(len(classes), generator=generator)
    parts = torch.arange(len(classes)).split(3500)
    thinned = torch.cat([part[chosen(classes[part], chances[part])] for part in parts])
    again = thinned[chosen(classes[thinned], chances[thinned])]
    assert torch.equal(again, chosen(classes, chances))


def test_a_model_s_own_scores_stand_where_no_stroke_says_otherwise():
    """Of three classes two are painted, as the model has them: its third one stays on the map."""
    generator = torch.Generator().manual_seed(3)
    weight, bias = torch.randn(3, E, generator=generator) * 4, torch.zeros(3)
    context = torch.randn(3000, E, generator=generator)
    own = (context @ weight.T + bias).argmax(1)
    rows = Rows(torch.randn(3000, D, generator=generator), torch.ones(3000, D), context, own)
    painted = rows.take(torch.nonzero(own < 2)[:40, 0])
    found = scores(fit(painted, 3, *SPREAD, (weight, bias)), rows).argmax(1)
    assert (found == own).float().mean() > 0.8
    alone = scores(fit(painted, 3, *SPREAD), rows).argmax(1)
    assert (alone[own == 2] == 2).float().mean() < (found[own == 2] == 2).float().mean() - 0.3


def test_what_no_feature_tells_is_not_learned_by_heart():
    """Of pixels with classes by chance some stay wrong, unlike with a layer that begins at the usual scale."""
    rows = rings(300, 8)
    rows.classes[:] = torch.randint(0, 2, (300,), generator=torch.Generator().manual_seed(9))
    assert (scores(fit(rows, 2, *SPREAD), rows).argmax(1) == rows.classes).float().mean() < 0.82


def test_a_feature_that_was_never_seen_has_no_say():
    rows = rings(300, 4)
    rows.known[:, 3:] = 0
    std = torch.ones(D + E)
    std[3:D] = 1e30
    weights = fit(rows, 2, torch.zeros(D + E), std)
    other = Rows(rows.values + torch.tensor([0, 0, 0, 9e3, 9e3, 9e3]), torch.ones(300, D), rows.context, rows.classes)
    assert torch.allclose(scores(weights, rows), scores(weights, other), atol=1e-6)


def test_shapes():
    weights = fit(rings(50, 5), 2, *SPREAD)
    assert weights.first.shape == (D + E, HIDDEN)
    assert weights.last.shape == (HIDDEN, 2)
    assert weights.direct.shape == (D + E, 2)


@dataclass
class Thing:
    size: int


def test_a_cache_keeps_what_was_used_last_within_its_bound():
    cache = ByteCache(100)
    for name in "abc":
        cache.put(name, Thing(30))
    assert cache.get("a") is not None  # now the one used last
    cache.put("d", Thing(30))
    assert cache.get("b") is None
    assert cache.size == 90
    cache.put("a", Thing(10))
    assert cache.size == 70
    cache.put("huge", Thing(101))
    assert cache.get("huge") is None
    assert cache.size == 70
    cache.bound(40)
    assert cache.get("c") is None
    assert cache.size == 40
    cache.bound(0)
    assert cache.size == 0


@pytest.mark.parametrize("count", [2, 5])
def test_one_pixel_a_class_is_enough(count):
    rows = Rows(torch.eye(count, D), torch.ones(count, D), torch.zeros(count, E), torch.arange(count))
    assert scores(fit(rows, count, *SPREAD), rows).argmax(1).tolist() == list(range(count))
