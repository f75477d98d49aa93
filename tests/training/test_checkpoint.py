"""A training that is killed goes on to the same weights; a checkpoint of another training is refused and left alone."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from sgma_qgis.model.contract.checkpoint import kept
from sgma_qgis.model.contract.errors import BadInput, Cancelled
from sgma_qgis.model.contract.messages import Metrics
from sgma_qgis.model.contract.store import open_package
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.nn import build
from sgma_qgis.model.training import loop, package
from sgma_qgis.model.training.checkpoint import WorkFolder
from sgma_qgis.model.training.command import Naming, train_package
from sgma_qgis.model.training.recipe import Recipe
from sgma_qgis.model.training.start import Start
from tests.training.scenes import make_card, make_set

make_set_of_seed_0 = make_set

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 3
RECIPE = Recipe(epochs=EPOCHS, crop=32, batch=4, rate=4e-3, averaging=0.9, checks=EPOCHS, seed=5)
LGSS = ("latent_scenario", ("refresh=2", "chips=4"))


def run(folder, strategy="", sampler="", feedback=None, **changes):
    """Train a tiny package in folder/m, with checkpoints; with a strategy, from the one in folder/base."""
    chips = make_set(counts=(8, 2, 2))
    recipe = replace(RECIPE, **changes)
    if sampler:
        recipe = replace(recipe, sampler=LGSS[0], sampler_options=LGSS[1])
    start = Start(open_package(folder / "base"), strategy=strategy) if strategy else Start()
    with WorkFolder(folder / "m") as work:
        train_package(
            chips,
            folder / "m",
            naming=Naming("tiny", "Tiny"),
            spec=make_card(chips).network,
            tile=64,
            recipe=recipe,
            device=torch.device("cpu"),
            command="",
            feedback=feedback or JobFeedback("test", lambda event: None),
            start=start,
            work=work,
        )
    return (folder / "m" / "weights.safetensors").read_bytes()


def make_base(folder):
    torch.manual_seed(1)
    card = make_card(make_set(counts=(1, 0, 0)))
    package.write(folder / "base", card, build.build(card))


def killed(folder, epoch, strategy, sampler):
    """Train in a process of its own that is killed in the middle of the epoch after `epoch`."""
    code = (
        "import sys; from pathlib import Path; import torch; torch.set_num_threads(1);"
        "from tests.training.test_checkpoint import run_and_tell; run_and_tell(Path(sys.argv[1]), *sys.argv[2:])"
    )
    command = [sys.executable, "-c", code, str(folder), strategy, sampler]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.strip() == f"epoch {epoch}, then a step":
                break
        process.send_signal(signal.SIGKILL)
    return process.returncode


def run_and_tell(folder, strategy, sampler):
    """As `run`, telling on stdout where it is; slow enough to be killed there."""
    epochs, original = [0], loop.step_loss

    def tell(event):
        if isinstance(event, Metrics):
            epochs.append(event.epoch)

    def slow(*args, **more):
        loss = original(*args, **more)
        print(f"epoch {epochs[-1]}, then a step", flush=True)  # noqa: T201
        time.sleep(0.15)
        return loss

    loop.step_loss = slow
    run(folder, strategy, sampler, JobFeedback("test", tell))


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is not of Windows")
@pytest.mark.parametrize(
    ("strategy", "sampler", "killed_in"), [("", "", range(EPOCHS)), ("adapters", "lgss", [0, EPOCHS - 1])]
)
def test_killed_in_any_epoch_it_resumes_to_the_same_weights(tmp_path, strategy, sampler, killed_in):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for part in ("a", "b"):
        make_base(tmp_path / part)
    wanted = run(tmp_path / "a", strategy, sampler)
    for epoch in killed_in:
        assert killed(tmp_path / "b", epoch, strategy, sampler) == -signal.SIGKILL
        assert (tmp_path / "b" / "m.part" / "checkpoint.safetensors").is_file() == (epoch > 0)
    said = []
    feedback = JobFeedback("test", lambda event: said.append(getattr(event, "text", "")))
    assert run(tmp_path / "b", strategy, sampler, feedback) == wanted
    assert f"Going on after epoch {EPOCHS - 1}, step {2 * (EPOCHS - 1)}." in said
    assert not (tmp_path / "b" / "m.part").exists()


def interrupted(folder, **changes):
    """Train until the second epoch is told, then cancel."""
    feedback = JobFeedback("test", lambda e: feedback.cancel() if isinstance(e, Metrics) and e.epoch == 2 else None)
    with pytest.raises(Cancelled):
        run(folder, feedback=feedback, **changes)


def test_a_cancel_keeps_the_checkpoint(tmp_path):
    (tmp_path / "plain").mkdir()
    interrupted(tmp_path)
    names = {path.name for path in (tmp_path / "m.part").iterdir()}
    assert names - {"lock"} == {"checkpoint.safetensors", "example.png"}
    assert not (tmp_path / "m").exists()
    left = kept(str(tmp_path / "m"))  # as QGIS reads it, without torch
    assert [row["epoch"] for row in left.told] == list(range(left.told[0]["epoch"], left.epochs + 1))
    assert 0 < left.epochs < left.of and all("loss" in row["values"] for row in left.told if row["epoch"])
    assert run(tmp_path) == run(tmp_path / "plain")
    assert kept(str(tmp_path / "m")) is None


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"rate": 1e-3}, r"recipe\.rate \(0\.004, now 0\.001\)"),
        ({"strategy": "head"}, r"base, .*strategy \(all, now head\)"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused_and_stays(tmp_path, changes, match):
    make_base(tmp_path)
    interrupted(tmp_path)
    file = tmp_path / "m.part" / "checkpoint.safetensors"
    before = file.read_bytes()
    with pytest.raises(BadInput, match=match):
        run(tmp_path, **changes)
    assert file.read_bytes() == before
    assert not (tmp_path / "m").exists()


def test_other_data_is_another_training(tmp_path, monkeypatch):
    interrupted(tmp_path)
    monkeypatch.setitem(globals(), "make_set", lambda **more: make_set_of_seed_0(seed=9, **more))
    with pytest.raises(BadInput, match="what differs is data"):
        run(tmp_path)


def test_a_damaged_checkpoint_is_one_sentence(tmp_path):
    interrupted(tmp_path)
    file = tmp_path / "m.part" / "checkpoint.safetensors"
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(BadInput, match="is damaged"):
        run(tmp_path)
    with WorkFolder(tmp_path / "m") as work:
        work.forget()
    assert not (tmp_path / "m.part").exists()


def test_two_trainings_never_share_an_output(tmp_path):
    with WorkFolder(tmp_path / "m"), pytest.raises(BadInput, match="another run"):
        run(tmp_path)
