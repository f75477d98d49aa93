"""`train`: bad options are refused before a scene is read; what chips are asked for."""

import argparse
import shlex

import pytest

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.data import chips
from sgma_qgis.model.training import command
from sgma_qgis.model.training.metrics import subsets
from sgma_qgis.model.training.recipe import Recipe, from_options, practised

GOOD = "--scenes s.json --base small --id tiny --title Tiny --gsd 0.3,0.6,1.0 --device cpu"


class ChipsAsked(Exception):
    """Raised in place of cutting chips; holds what was asked for."""


def start(folder, feedback, monkeypatch, words=""):
    """Run `train` up to the cutting of chips and return what that was asked for."""

    def cut(manifest, folder, **options):
        raise ChipsAsked(options)

    monkeypatch.setattr(chips, "make_chips", cut)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    args = parser.parse_args(["--output", str(folder), *shlex.split(f"{GOOD} {words}")])
    with pytest.raises(ChipsAsked) as asked:
        command.run(args, feedback)
    return asked.value.args[0]


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ("--id 'No Id'", "'id'"),
        ("--title ''", "'title'"),
        ("--tile 100", "'tile'"),
        ("--head-channels 1", "head_channels"),
        ("--base huge", "huge"),
        ("--fusion magic", "magic"),
        ("--sampler magic", "magic"),
        ("--device nowhere", "nowhere"),
        ("--threads 0", "--threads"),
        ("--seed -1", "--seed"),
        ("--minutes -1", "--minutes"),
        ("--full-weight -1", "--full-weight"),
        ("--full-weight 0 --sampled-weight 0", "both 0"),
        ("--contrastive-weight inf", "--contrastive-weight"),
        ("--dice -1", "--dice"),
        ("--distil 0.5", "--distil.*small"),
        ("--sampler bernoulli --sampler-option drop=2", "drop=2 of sampler bernoulli"),
        ("--sampler-option drop=0.1", "modality_aware has no option 'drop'"),
        ("--sampled-weight nan", "--sampled-weight"),
        ("--gsd 0.3,0.6,inf", "--gsd"),
    ],
)
def test_options_that_cannot_be_used(tmp_path, feedback, monkeypatch, words, match):
    with pytest.raises(BadInput, match=match):
        start(tmp_path / "m", feedback, monkeypatch, words)
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_written(tmp_path, feedback, monkeypatch):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "m"):
        with pytest.raises(BadInput, match="cannot be written"):
            start(folder, feedback, monkeypatch)


def test_folders_above_the_output_are_made(tmp_path, feedback, monkeypatch):
    start(tmp_path / "new" / "m", feedback, monkeypatch)
    assert list((tmp_path / "new").iterdir()) == []  # the cache is gone


@pytest.mark.parametrize(("crop", "side"), [(32, 256), (128, 256), (256, 427), (300, 500)])
def test_chips_hold_crops_of_the_coarsest_resolution(tmp_path, feedback, monkeypatch, crop, side):
    assert start(tmp_path / "m", feedback, monkeypatch, f"--crop {crop}")["side"] == side


def test_the_command_in_the_card_repeats_the_recipe():
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    words = shlex.split(
        f"{GOOD} --output m --full-weight 1 --sampled-weight 0.5 --contrastive-weight 0.1 --dice 0.3 "
        "--fused-path sampler --sampler curriculum --sampler-option drop=0.3 --sampler-option ramp=0.5"
    )
    found = shlex.split(command._command(parser.parse_args(words)))[4:]
    assert parser.parse_args(found) == parser.parse_args(words)
    recipe = from_options(parser.parse_args(found), (0.5, 2.0))
    assert (recipe.contrastive_weight, recipe.dice, recipe.fused_path) == (0.1, 0.3, "sampler")
    assert recipe.sampler_options == ("drop=0.3", "ramp=0.5")


def test_help_names_every_sampler_and_its_options(capsys):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--help"])
    told = capsys.readouterr().out
    assert all(word in told for word in ("latent_scenario", "plausible", "per_stage", "ramp"))


def test_combinations_that_training_shows():
    whole = {("rgb", "nir", "dsm"), ("rgb", "nir"), ("dsm",)}
    keys = ("rgb", "nir", "dsm")
    singles = {("rgb",), ("nir",), ("dsm",)}
    assert practised(Recipe(), keys, whole) == whole | singles
    assert practised(Recipe(sampled_weight=0.0), keys, whole) == whole
    assert practised(Recipe(fused_path="sampler"), keys, whole) == singles
    assert practised(Recipe(full_weight=0.0, sampler="uniform"), keys, whole) == set(subsets(keys))
    lgss = Recipe(full_weight=0.0, sampler="latent_scenario", sampler_options=("plausible=rgb",))
    assert practised(lgss, keys, whole) == {("rgb",), ("dsm",)}  # without rgb: all there is
