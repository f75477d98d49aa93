"""One pass over the data, every combination; what intervals, temperatures and ablations say."""

import numpy as np
import pytest
import torch

from sgma_qgis.model.data.labels import IGNORE
from sgma_qgis.model.nn.build import build
from sgma_qgis.model.training.ablation import replaced, shuffled, uniform, weighs
from sgma_qgis.model.training.bootstrap import interval, intervals, resampled
from sgma_qgis.model.training.calibration import BINS, ece, fit_temperature, reliability
from sgma_qgis.model.training.chipset import Chips
from sgma_qgis.model.training.evaluate import calibrate, evaluate, measure
from sgma_qgis.model.training.metrics import confusions, mean_iou, scores, subsets

from .scenes import KEYS, make_card, make_set

ALL = subsets(KEYS)


@pytest.fixture(scope="module")
def chips():
    return make_set(counts=(1, 0, 12)).roles["test"]


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return build(make_card(make_set(counts=(1, 0, 0)))).eval()


def test_one_encoding_a_batch_and_the_scores_of_the_network_alone(network, chips):
    calls = []
    handle = network.backbone.register_forward_hook(lambda *_: calls.append(1))
    found = measure(network, chips.parts(4), ALL, len(chips), {"raw": {}})
    handle.remove()
    assert len(calls) == 3
    assert tuple(found.combinations) == ALL
    subset = ("nir", "dsm")
    present = torch.from_numpy(chips.valid) & torch.tensor([key in subset for key in KEYS])[None, :, None, None]
    with torch.inference_mode():
        logits = network({key: torch.from_numpy(values) for key, values in chips.values.items()}, present).logits
    tally = found.combinations[subset]
    where = np.repeat(np.arange(12), 32 * 32)
    expected = confusions(chips.labels.ravel(), logits.argmax(1).numpy().ravel(), where, 12, 3)
    assert (tally.matrices == expected).all()
    hits = (logits.argmax(1).numpy() == chips.labels).sum()
    assert tally.reliability["raw"][:, 0].sum() == chips.labels.size
    assert tally.reliability["raw"][:, 2].sum() == hits


def test_a_chip_counts_only_for_combinations_that_it_has_and_pixels_that_they_cover(network, chips):
    valid = np.array(chips.valid)
    valid[0, 1] = False  # the first chip lacks NIR
    valid[1, 0, :8] = False  # the second has a gap in RGB
    labels = np.array(chips.labels)
    labels[2] = IGNORE
    found = measure(network, Chips(chips.values, valid, labels).parts(), ALL, 12).combinations
    pixels = {sensors: tally.matrix.sum() for sensors, tally in found.items()}
    side = 32 * 32
    assert pixels[("nir",)] == pixels[("rgb", "nir")] == 10 * side
    assert pixels[("dsm",)] == 11 * side
    assert pixels[("rgb",)] == 11 * side - 8 * 32
    assert found[("rgb",)].matrices[2].sum() == 0


def test_training_scores_are_those_of_the_measurement(network, chips):
    found = evaluate(network, chips.parts())
    tallies = measure(network, chips.parts(5), ALL, 12).combinations
    assert found == {sensors: scores(tally.matrix) for sensors, tally in tallies.items()}


# --- intervals ---------------------------------------------------------------------------------------------------


def test_intervals_hold_the_score_and_shrink_with_more_blocks():
    rng = np.random.default_rng(0)
    widths = []
    for count in (12, 300):
        blocks = {sensors: rng.integers(1, 50, (count, 3, 3)) + 60 * np.eye(3, dtype=int) for sensors in ALL}
        draws = resampled(blocks)
        found = intervals(draws, KEYS)
        for (low, high), matrices in zip(found["miou"], blocks.values()):
            assert low < mean_iou(matrices.sum(0)) < high
        assert found["last1"][0] <= found["average"][0] <= found["average"][1] <= found["top1"][1]
        assert set(found["expected"]) == {"0.05", "0.1", "0.2"}
        low, high = interval(draws[ALL[0]])
        widths.append(high - low)
    assert widths[1] < widths[0] / 2


def test_no_interval_from_a_handful_of_blocks():
    matrices = np.zeros((100, 2, 2), int)
    matrices[:5] = 10  # the others have no labels
    assert resampled({("rgb",): matrices}) is None


# --- calibration -------------------------------------------------------------------------------------------------


def drawn(temperature, count=20000):
    """Return logits and classes drawn with the probabilities softmax(logits / temperature)."""
    generator = torch.Generator().manual_seed(0)
    logits = 3 * torch.randn(count, 4, generator=generator)
    truth = torch.multinomial((logits / temperature).softmax(1), 1, generator=generator)[:, 0]
    return logits, truth


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_data_is_found(temperature):
    logits, truth = drawn(temperature)
    fitted = fit_temperature(logits.numpy(), truth.numpy())
    assert fitted == pytest.approx(temperature, rel=0.05)
    assert ece(reliability(logits, truth, fitted)) < 0.015
    if temperature != 1:
        assert ece(reliability(logits, truth, 1.0)) > 0.05


@pytest.mark.parametrize("temperature", [0.5, 2.5])
def test_few_pixels_move_the_temperature_less(temperature):
    """A prior of n pixels weighs as much as n pixels: it pulls towards 1, never past it, and is nothing to many."""
    logits, truth = (part.numpy() for part in drawn(temperature))
    plain = np.log(fit_temperature(logits, truth))
    found = [np.log(fit_temperature(logits, truth, prior)) / plain for prior in (2e2, 2e4, 2e6, 1e9)]
    assert found[0] > 0.95
    assert found == sorted(found, reverse=True)
    assert 0 <= found[3] < 1e-3
    twice = fit_temperature(np.repeat(logits, 2, 0), np.repeat(truth, 2), 4e4)
    assert twice == pytest.approx(fit_temperature(logits, truth, 2e4), rel=1e-3)


def test_reliability_tables_add_up_and_know_certainty():
    logits, truth = drawn(1.0, 1000)
    whole = reliability(logits, truth, 1.3)
    parts = reliability(logits[:300], truth[:300], 1.3) + reliability(logits[300:], truth[300:], 1.3)
    np.testing.assert_allclose(whole, parts)
    np.testing.assert_allclose(whole[:, 1].sum(), (logits / 1.3).softmax(1).amax(1).sum(), rtol=1e-5)
    sure = reliability(torch.tensor([[1000.0, 0.0], [0.0, 1000.0]]), torch.tensor([0, 0]), 1.0)
    assert sure[BINS - 1].tolist() == [2, 2, 1]
    assert ece(sure) == 0.5


def test_a_temperature_a_combination_lowers_the_cross_entropy(network, chips):
    rows = calibrate(network, chips.parts(), ALL, chips.labelled())
    assert [row.sensors for row in rows] == list(ALL)
    assert all(0.05 <= row.temperature <= 20 for row in rows)
    assert calibrate(network, chips.parts(), ALL, chips.labelled()) == rows  # the same pixels again


# --- ablations ---------------------------------------------------------------------------------------------------


def test_replaced_weights_keep_absent_sensors_out():
    weights = torch.rand(2, 3, 40, 2)
    weights[0, 1] = 0  # the first sample lacks a sensor
    weights[:, :, 5] = 0  # nothing is there
    weights = weights / weights.sum(1, keepdim=True).clamp(min=1e-9)
    for replace in (uniform, shuffled):
        found = replace(weights)
        assert found.shape == weights.shape
        assert ((found > 0) == (weights > 0)).all()
        torch.testing.assert_close(found.sum(1), weights.sum(1))
    assert uniform(weights)[1].unique().tolist() == pytest.approx([0.0, 1 / 3])
    assert not torch.equal(shuffled(weights), weights)
    torch.testing.assert_close(shuffled(weights).sum((0, 2)), weights.sum((0, 2)))  # the same weights, elsewhere


def test_ablations_change_the_fused_map_and_leave_nothing_behind(network, chips):
    assert weighs(network)
    (part,) = chips.parts(len(chips))
    with torch.inference_mode():
        features = network.encode(part.values, part.valid)
        plain, _ = network.fuse(features)
        with replaced(network, "uniform"):
            other, _ = network.fuse(features)
        again, _ = network.fuse(features)
    assert not torch.allclose(plain[0], other[0])
    assert all(torch.equal(a, b) for a, b in zip(plain, again))
    found = measure(network, chips.parts(), ALL, 12, ablate=True)
    assert set(found.ablations) == {"uniform", "shuffled"}
    assert found.ablations["uniform"].matrix.sum() == found.combinations[KEYS].matrix.sum()


def test_a_fusion_without_weights_has_no_ablations(chips):
    plain = build(make_card(make_set(counts=(1, 0, 0)), "mean"))
    assert not weighs(plain)
    assert measure(plain, chips.parts(), ALL, 12, ablate=True).ablations == {}
