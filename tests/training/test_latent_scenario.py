"""Latent-space guided scenario sampling: properties 28 to 36."""

import json
import math
from dataclasses import replace

import pytest
import torch

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.nn import build
from sgma_qgis.model.training.chipset import Chips
from sgma_qgis.model.training.distortion import measure
from sgma_qgis.model.training.loop import train
from sgma_qgis.model.training.metrics import subsets
from sgma_qgis.model.training.recipe import Recipe
from sgma_qgis.model.training.samplers import latent_scenario as lgss
from sgma_qgis.model.training.samplers.latent_scenario import LatentScenario
from sgma_qgis.model.training.scenarios import Distortion, read_table, write_table
from tests.training.scenes import KEYS, make_card, make_set

ALL = subsets(KEYS)
RAW = LatentScenario(form="raw")
MEASURED = (0.9, 1.1, 1.5, 0.2, 0.3, 0.5, 0.0)


def found(distortion=MEASURED, mean_square=2.0):
    return Distortion(tuple(distortion), (0.1,) * len(distortion), mean_square, 8)


def probabilities(sampler, distortion=MEASURED, mean_square=2.0):
    return torch.tensor(sampler.weigh(KEYS, found(distortion, mean_square)).probability, dtype=torch.float64)


def draws(scale, count=100):
    generator = torch.Generator().manual_seed(0)
    for _ in range(count):
        yield [*(scale * torch.rand(6, generator=generator, dtype=torch.float64)).tolist(), 0.0]


@pytest.mark.parametrize("scale", [1e-4, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("prefer", ["high", "low"])
def test_probabilities_stay_within_their_bounds(scale, prefer):
    """Property 28."""
    tau, count = 0.5, 7
    most = 0.5 / count + 0.5 / (1 + (count - 1) * math.exp(-tau * (math.sqrt(count - 1) + 1 / math.sqrt(count - 1))))
    for distortion in draws(scale):
        p = probabilities(replace(RAW, prefer=prefer), distortion)
        assert p.sum().item() == pytest.approx(1)
        assert p.min() >= 0.0906 - 1e-4
        assert p.max() <= most + 1e-9 < 0.2767


def test_no_difference_no_temperature_and_no_share_mean_uniform():
    """Property 29, and the guard against a spread that is rounding only."""
    even = torch.full((7,), 1 / 7, dtype=torch.float64)
    for form in ("raw", "relative"):
        torch.testing.assert_close(probabilities(LatentScenario(form=form), [0.4] * 7), even)
        torch.testing.assert_close(probabilities(LatentScenario(form=form), [0.4] * 6 + [0.4 + 1e-9]), even)
    assert probabilities(LatentScenario(), [1e-13] * 6 + [0.0]).std() > 0.01  # tiny, yet different
    torch.testing.assert_close(probabilities(LatentScenario(tau=0.0)), even)
    torch.testing.assert_close(probabilities(LatentScenario(gamma=0.0)), even)


def test_smoothing_is_its_spectral_form():
    """Properties 30 and 31."""
    d = torch.tensor(MEASURED, dtype=torch.float64)
    near = lgss.kernel(d, 0.5)
    assert torch.equal(near, near.T)
    assert (near.diagonal() == 1).all()
    values, vectors = torch.linalg.eigh(near)
    assert values.min() > -1e-12
    wanted = vectors @ ((values / (values + 1e-3)) * (vectors.T @ d))
    smoothed = lgss.smooth(d, near, 1e-3)
    torch.testing.assert_close(smoothed, wanted)
    assert smoothed.norm() <= d.norm()
    torch.testing.assert_close(lgss.smooth(d, lgss.kernel(d, 0.1), 1e-12), d, rtol=1e-4, atol=1e-4)
    assert lgss.smooth(d, near, 1e9).norm() < 1e-6
    assert torch.equal(lgss.smooth(d, near, 0.0), d)
    twice = torch.tensor([0.5, 0.5, 0.0], dtype=torch.float64)  # repeated distortions: K alone is singular
    assert torch.isfinite(lgss.smooth(twice, lgss.kernel(twice, 1.0), 1e-3)).all()


def test_scenarios_in_another_order_have_the_same_chances():
    """Property 32."""
    order = [3, 1, 6, 0, 5, 2, 4]
    moved = probabilities(RAW, [MEASURED[i] for i in order])
    torch.testing.assert_close(moved, probabilities(RAW)[order])


@pytest.mark.parametrize("prefer", ["high", "low"])
def test_more_distortion_more_or_less_often(prefer):
    """Property 33: monotone while distortions are small beside the kernel's width."""
    sign = 1 if prefer == "high" else -1
    for distortion in draws(0.1):
        p = probabilities(replace(RAW, prefer=prefer), distortion)
        order = torch.tensor(distortion).argsort()
        assert (sign * p[order].diff() >= 0).all()
        assert sign * (p[-1] - p.mean()) < 0  # all sensors: no distortion


def test_scale_does_not_matter_where_it_should_not():
    """Property 34: without smoothing no affine change; in the relative form no scale of features."""
    plain = probabilities(replace(RAW, ridge=0.0))
    torch.testing.assert_close(probabilities(replace(RAW, ridge=0.0), [3 * d + 2 for d in MEASURED]), plain)
    relative = probabilities(LatentScenario())
    torch.testing.assert_close(probabilities(LatentScenario(), [49 * d for d in MEASURED], 49 * 2.0), relative)
    assert LatentScenario(sigma=0.25).weigh(KEYS, found()).sigma == 0.25
    assert RAW.weigh(KEYS, found()).sigma == 1.0


@pytest.fixture(params=["semantic_guided", "mean"])
def network(request):
    return build.build(make_card(make_set(), request.param)).eval()


def test_measured_distortions(network):
    """Property 35, for every fusion."""
    chips = make_set(counts=(6, 0, 0), side=64).roles["train"]
    first = measure(network, chips.complete(64, 100), ALL)
    assert first.chips == 6
    assert first.mean[-1] == first.error[-1] == 0
    assert all(d > 0 for d in first.mean[:-1])
    order = [3, 0, 5, 1, 4, 2]
    moved = Chips({key: part[order] for key, part in chips.values.items()}, chips.valid[order], chips.labels[order])
    again = measure(network, moved.complete(64, 100), ALL)
    assert again.mean == pytest.approx(first.mean, rel=1e-5)
    features = network.encode({k: torch.from_numpy(v) for k, v in chips.values.items()}, torch.from_numpy(chips.valid))
    whole = network.fuse(features)[0][-1]
    one = network.fuse(features, torch.tensor([True, False, False]).expand(6, -1))[0][-1]
    assert first.mean[0] == pytest.approx((one - whole).square().mean().item(), rel=1e-4)
    assert first.mean_square == pytest.approx(whole.square().mean().item(), rel=1e-4)


def test_a_sensor_that_changes_nothing_distorts_nothing():
    """Property 35: with mean fusion, two sensors with the same features."""
    network = build.build(make_card(make_set(), "mean")).eval()
    chips = make_set(counts=(2, 0, 0)).roles["train"]
    network.adapters["dsm"].load_state_dict(network.adapters["nir"].state_dict())
    chips.values["dsm"][:] = chips.values["nir"]
    part = measure(network, chips.complete(32, 10), (("nir",), ("dsm",), ("nir", "dsm"), KEYS))
    assert part.mean[0] == pytest.approx(part.mean[1])
    assert part.mean[0] == pytest.approx(part.mean[2])


def test_only_complete_crops_and_covered_tokens_are_measured():
    network = build.build(make_card(make_set())).eval()
    chips = make_set(counts=(5, 0, 0), side=64).roles["train"]
    chips.valid[1, 2] = False
    chips.valid[3, 0, :32] = False
    chips.values["rgb"][3, :, :32] = math.nan
    found = measure(network, chips.complete(64, 100), ALL)
    assert found.chips == 4
    assert all(map(math.isfinite, found.mean))
    assert measure(network, chips.complete(64, 2), ALL).chips == 2
    chips.valid[:, 1] = False
    with pytest.raises(BadInput, match="all of rgb, nir, dsm"):
        measure(network, chips.complete(64, 100), ALL)


def test_the_table_is_written_and_read_the_same(tmp_path):
    """Property 36."""
    table = LatentScenario().weigh(KEYS, found())
    write_table(tmp_path / "a.json", table)
    write_table(tmp_path / "b.json", LatentScenario().weigh(KEYS, found()))
    assert read_table(tmp_path / "a.json") == table
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert LatentScenario(table=str(tmp_path / "a.json")).stored(KEYS) == table


def test_tables_that_do_not_fit_are_refused(tmp_path):
    """Property 36."""
    path = tmp_path / "a.json"
    with pytest.raises(BadInput, match=r"a\.json is not a table"):
        read_table(path)
    write_table(path, LatentScenario().weigh(KEYS, found()))
    with pytest.raises(BadInput, match="this training has rgb,nir,rgb[+]nir"):
        LatentScenario(table=str(path)).stored(("rgb", "nir"))
    with pytest.raises(BadInput, match="this training has rgb$|this training has rgb\\."):
        LatentScenario(table=str(path), plausible="rgb").stored(KEYS)
    whole = json.loads(path.read_text())
    path.write_text(json.dumps({**whole, "probability": whole["probability"][:-1]}))
    with pytest.raises(BadInput, match="probability 6"):
        read_table(path)
    path.write_text(json.dumps({**whole, "probability": [-1.0] * 7}))
    with pytest.raises(BadInput, match="0 or more"):
        read_table(path)


def test_training_measures_once_or_again_and_repeats(feedback, tmp_path):
    chips = make_set(counts=(4, 0, 0))
    recipe = Recipe(epochs=2, crop=32, batch=4, checks=1, sampler="latent_scenario")
    weights, tables = [], []
    for words in ((), (), ("refresh=1",), ("plausible=rgb,rgb+dsm",)):
        torch.manual_seed(0)
        network = build.build(make_card(chips, "mean"))
        outcome = train(network, chips, replace(recipe, sampler_options=words), feedback)
        weights.append(torch.cat([p.flatten() for p in outcome.network.parameters()]))
        tables.append(outcome.table)
    assert torch.equal(weights[0], weights[1])
    assert tables[0] == tables[1]
    assert tables[0].scenarios == ALL
    assert tables[2].distortion != tables[0].distortion
    assert tables[3].scenarios == (("rgb",), ("rgb", "dsm"))
    write_table(tmp_path / "t.json", tables[0])
    torch.manual_seed(0)
    options = (f"table={tmp_path / 't.json'}",)
    outcome = train(build.build(make_card(chips, "mean")), chips, replace(recipe, sampler_options=options), feedback)
    assert torch.equal(torch.cat([p.flatten() for p in outcome.network.parameters()]), weights[0])
