"""The loop around the step: properties 27, 45 to 47."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from sgma_qgis.model.contract.errors import BadInput, Cancelled
from sgma_qgis.model.contract.messages import Metrics
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.nn import build
from sgma_qgis.model.training import loop, schedule
from sgma_qgis.model.training.chipset import Chips
from sgma_qgis.model.training.evaluate import evaluate
from sgma_qgis.model.training.loop import train
from sgma_qgis.model.training.recipe import Recipe
from tests.training.scenes import CLASSES, KEYS, make_card, make_set

RECIPE = Recipe(epochs=2, crop=32, batch=4, rate=4e-3, averaging=0.9, checks=1)


def test_training_lowers_the_loss_and_repeats_with_its_seed(feedback):
    chips = make_set()
    weights, scores = [], []
    for seed in (3, 3, 4):
        torch.manual_seed(0)
        network = build.build(make_card(chips))
        outcome = train(network, chips, replace(RECIPE, epochs=4, seed=seed, checks=2), feedback)
        weights.append(torch.cat([p.flatten() for p in outcome.network.parameters()]))
        scores.append(outcome)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    assert scores[0].steps == 12
    first, last = scores[0].history[0], scores[0].history[-1]
    assert last["loss"] < first["loss"]
    assert not scores[0].network.training


@pytest.mark.parametrize("sampler", ["modality_aware", "uniform", "curriculum"])
def test_chance_is_a_function_of_seed_epoch_and_step(sampler, feedback, monkeypatch):
    """Property 23: what a step draws, for the sampler and for dropout, does not depend on the steps before it."""

    def drawn(lost):
        """Return the loss of every step of two epochs; `lost` steps draw some more from both sources."""
        losses = []
        original = loop.step_loss

        def noting(*args, **more):
            generator = args[4]
            state = torch.get_rng_state(), generator.get_state()
            losses.append(tuple(torch.rand(1, generator=source).item() for source in (None, generator)))
            torch.set_rng_state(state[0])
            generator.set_state(state[1])
            loss = original(*args, **more)
            if len(losses) in lost:
                torch.rand(7)
                torch.rand(7, generator=generator)
            return loss

        monkeypatch.setattr(loop, "step_loss", noting)
        chips = make_set(counts=(8, 0, 0))
        train(build.build(make_card(chips, "mean")), chips, replace(RECIPE, sampler=sampler), feedback)
        monkeypatch.setattr(loop, "step_loss", original)
        return losses

    plain = drawn(())
    assert drawn((1, 3)) == plain
    assert len(set(plain)) == len(plain) == 4


def test_the_best_check_is_kept(feedback, monkeypatch):
    chips = make_set(counts=(4, 2, 0))
    found = iter((0.2, 0.9, 0.5))
    seen = []

    def score(_):
        seen.append(next(found))
        return seen[-1]

    monkeypatch.setattr(loop, "average", score)
    weights = []
    original = loop.evaluate
    monkeypatch.setattr(
        loop, "evaluate", lambda net, *a, **k: weights.append(net.head.classify.bias.clone()) or original(net, *a, **k)
    )
    network = build.build(make_card(chips))
    outcome = train(network, chips, replace(RECIPE, epochs=3, checks=3), feedback)
    assert seen == [0.2, 0.9, 0.5]
    assert outcome.best == 0.9
    assert torch.equal(outcome.network.head.classify.bias, weights[1])


def test_a_time_budget_ends_the_training(feedback):
    chips = make_set(counts=(4, 0, 0))
    outcome = train(build.build(make_card(chips)), chips, replace(RECIPE, minutes=0.01), feedback)
    assert outcome.steps >= 1
    assert outcome.seconds < 10


def test_cancel_stops_within_a_step():
    chips = make_set(counts=(4, 0, 0))
    feedback = JobFeedback("test", lambda event: feedback.cancel())
    with pytest.raises(Cancelled):
        train(build.build(make_card(chips)), chips, RECIPE, feedback)


def test_an_unknown_sampler_is_refused_by_name(feedback):
    with pytest.raises(BadInput, match="magic.*modality_aware"):
        train(build.build(make_card(make_set())), make_set(), replace(RECIPE, sampler="magic"), feedback)


def test_rate_warms_up_and_decays():
    rates = [schedule.rate_factor(x) for x in (0.0, schedule.WARM_UP / 2, schedule.WARM_UP, 0.5, 1.0)]
    assert rates[2] == 1.0
    assert rates[0] < rates[1] < rates[2] > rates[3] > rates[4] > 0


def test_chips_without_a_sensor_train_and_are_left_out_of_its_scores(feedback):
    chips = make_set(counts=(6, 0, 4))
    for role in chips.roles.values():
        role.valid[::2, 1] = False
        role.values["nir"][::2] = np.nan
    outcome = train(build.build(make_card(chips)), chips, replace(RECIPE, epochs=1), feedback)
    assert all(torch.isfinite(p).all() for p in outcome.network.parameters())
    seen = []
    evaluate(outcome.network, chips.parts("test", tell=lambda *done: seen.append(done)))
    test = chips.roles["test"]
    found = evaluate(outcome.network, test.parts())
    assert len(found) == 7
    assert seen[-1] == (4, 4)
    complete = Chips({key: part[1::2] for key, part in test.values.items()}, test.valid[1::2], test.labels[1::2])
    for sensors, row in evaluate(outcome.network, complete.parts()).items():
        assert (row == found[sensors]) == ("nir" in sensors), sensors


def test_single_sensors_learn_only_with_the_sampled_path(feedback):
    """The paper's main claim in miniature: one easy sensor, two hard ones; how good is the worst of them alone?

    And property 46: more sensors are never worse by more than noise.
    """
    chips = make_set(counts=(24, 0, 12), noise={"rgb": 0.1, "nir": 0.8, "dsm": 0.8})
    worst = {}
    for name, weight in (("both paths", 1.0), ("full path only", 0.0)):
        torch.manual_seed(0)
        network = build.build(make_card(chips))
        outcome = train(network, chips, replace(RECIPE, epochs=12, sampled_weight=weight), feedback)
        found = evaluate(outcome.network, chips.parts("test"))
        worst[name] = min(row.miou for row in found.values())
        assert found[KEYS].miou > 0.6
        if weight:
            for more, row in found.items():
                assert all(row.miou > found[part].miou - 0.05 for part in found if set(part) < set(more)), more
    assert worst["both paths"] > worst["full path only"] + 0.1
    assert worst["both paths"] > 1 / (2 * CLASSES - 1) + 0.1


def test_a_sensor_of_noise_gets_the_least_weight(feedback):
    """Property 47: robustness at the deepest stage knows a sensor that says nothing.

    Places of one class are half a token of that stage wide: its tokens have something to say.
    """
    chips = make_set(counts=(16, 0, 4), side=64, cell=16)
    for role in chips.roles.values():
        role.values["nir"][:] = np.random.default_rng(9).normal(1, 1, role.values["nir"].shape)
    torch.manual_seed(0)
    network = train(build.build(make_card(chips)), chips, replace(RECIPE, epochs=10, crop=64), feedback).network
    with torch.no_grad():
        (part,) = chips.parts("test")
        _, robustness = network.fuse(network.encode(part.values, part.valid))
    even = network.fusion.stages[-1].even_share  # of the weight is not learned
    learned = (robustness[-1].mean((0, 2, 3)) - even / len(KEYS)) / (1 - even)
    share = dict(zip(KEYS, learned.tolist()))
    assert share["nir"] < min(share["rgb"], share["dsm"]) / 2, share


@pytest.mark.parametrize("value", [math.nan, math.inf, 1e4])
def test_a_loss_that_diverges_ends_with_the_last_good_weights(feedback, monkeypatch, value):
    chips = make_set(counts=(8, 4, 0))
    good, steps = [], []
    original, check = loop.step_loss, loop.evaluate
    monkeypatch.setattr(
        loop, "evaluate", lambda net, parts: good.append(net.head.classify.bias.clone()) or check(net, parts)
    )
    # a single high loss is no divergence, a step of high losses is
    monkeypatch.setattr(
        loop, "step_loss", lambda *a, **k: original(*a, **k) * (value if steps.append(0) or len(steps) > 5 else 1)
    )
    outcome = train(build.build(make_card(chips)), chips, replace(RECIPE, epochs=8, checks=8), feedback)
    assert len(good) >= 2
    assert torch.equal(outcome.network.head.classify.bias, good[outcome.best_epoch - 1])
    assert all(torch.isfinite(p).all() for p in outcome.network.parameters())
    assert any("diverged" in text and "--lr" in text for text in feedback.warnings)


def test_a_loss_that_diverges_at_once_is_one_sentence(feedback, monkeypatch):
    chips = make_set(counts=(4, 0, 0))
    monkeypatch.setattr(loop, "step_loss", lambda network, *a, **k: network.head.classify.bias.sum() * math.nan)
    with pytest.raises(BadInput, match="first epoch"):
        train(build.build(make_card(chips)), chips, RECIPE, feedback)


def test_a_batch_that_does_not_fit_goes_in_pieces_with_the_same_crops(feedback, monkeypatch):
    chips = make_set(counts=(8, 0, 0))
    shown = {}

    def limited(most):
        seen = []
        original = loop.step_loss

        def count(network, batch, *args, **more):
            if len(batch) > most:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            seen.append(batch.labels)
            return original(network, batch, *args, **more)

        monkeypatch.setattr(loop, "step_loss", count)
        outcome = train(build.build(make_card(chips)), chips, replace(RECIPE, epochs=1), feedback)
        monkeypatch.setattr(loop, "step_loss", original)
        shown[most] = torch.cat(seen)
        return outcome

    assert limited(4).steps == limited(1).steps == 2
    assert torch.equal(shown[4], shown[1])
    assert [text for text in feedback.warnings if "4 pieces" in text]
    with pytest.raises(BadInput, match="Not even one crop of 32 pixels"):
        limited(0)


def test_training_ends_early_when_nothing_becomes_better_or_on_demand(monkeypatch):
    chips = make_set(counts=(4, 2, 0))
    monkeypatch.setattr(loop, "average", lambda _: 0.5)
    events = []
    feedback = JobFeedback("test", events.append)
    outcome = train(build.build(make_card(chips)), chips, replace(RECIPE, epochs=9, checks=9, patience=2), feedback)
    assert (outcome.steps, outcome.best_epoch) == (3, 1)
    told = [event for event in events if isinstance(event, Metrics)]
    assert [event.epoch for event in told] == [1, 2, 3]
    assert told[0].values["miou"] == 0.5
    assert len(told[0].values["combinations"]) == 7
    assert set(told[0].values["combinations"][0]["iou"]) <= {info.name for info in chips.classes}
    feedback = JobFeedback("test", lambda event: feedback.stop() if isinstance(event, Metrics) else None)
    outcome = train(build.build(make_card(chips)), chips, replace(RECIPE, epochs=9, checks=9), feedback)
    assert outcome.steps == 1
    assert not outcome.network.training


def test_few_samples_are_gone_through_several_times_an_epoch(feedback, monkeypatch):
    chips = make_set(counts=(8, 2, 0))
    passes = []
    original = type(chips).epoch
    monkeypatch.setattr(
        type(chips), "epoch", lambda self, crops, number: passes.append(number) or original(self, crops, number)
    )
    outcome = train(build.build(make_card(chips)), chips, replace(RECIPE, least_steps=5, checks=2), feedback)
    assert passes == [0, 1, 2, 3, 4, 5]
    assert outcome.steps == 12
    assert [row["epoch"] for row in outcome.history] == [1, 2]


def test_a_trained_start_that_nothing_beats_is_the_outcome(feedback, monkeypatch):
    chips = make_set(counts=(4, 2, 0))
    scores = iter((0.9, 0.5, 0.6))
    monkeypatch.setattr(loop, "average", lambda _: next(scores))
    network = build.build(make_card(chips))
    start = {name: value.clone() for name, value in network.state_dict().items()}
    outcome = train(network, chips, replace(RECIPE, checks=2), feedback, trained=True)
    assert (outcome.best, outcome.best_epoch) == (0.9, 0)
    assert all(torch.equal(value, start[name]) for name, value in outcome.network.state_dict().items())
    assert [sorted(row) for row in outcome.history] == [
        ["epoch", "miou", "step"],
        *[["epoch", "loss", "miou", "step"]] * 2,
    ]


def test_bf16_learns_the_same_within_its_precision(feedback):
    chips = make_set(counts=(8, 2, 0))
    found = {}
    for dtype in (None, torch.bfloat16):
        torch.manual_seed(0)
        outcome = train(
            build.build(make_card(chips)), chips, replace(RECIPE, epochs=2, checks=2), feedback, dtype=dtype
        )
        found[dtype] = outcome.history[-1]["loss"]
        assert all(p.dtype == torch.float32 and torch.isfinite(p).all() for p in outcome.network.parameters())
    assert found[None] != found[torch.bfloat16]
    assert found[torch.bfloat16] == pytest.approx(found[None], rel=0.05)


def test_distilling_needs_a_teacher(feedback):
    with pytest.raises(BadInput, match="--distil"):
        train(build.build(make_card(make_set())), make_set(), replace(RECIPE, distil=0.5), feedback)
