"""`train`: bad options are refused before a scene is read; what chips are asked for; a job and its command."""

import argparse
import shlex

import pytest

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.job import Options, Source
from sgma_qgis.model.data import chips
from sgma_qgis.model.training import arguments, command
from sgma_qgis.model.training.metrics import subsets
from sgma_qgis.model.training.recipe import FROM_MODEL, Recipe, made, practised

GOOD = "--scenes s.json --base small --id tiny --title Tiny --gsd 0.3,0.6,1.0 --device cpu"


class ChipsAsked(Exception):
    """Raised in place of cutting chips; holds what was asked for."""


def start(folder, feedback, monkeypatch, words=""):
    """Run `train` up to the cutting of chips and return what that was asked for."""

    def cut(manifest, folder, **options):
        raise ChipsAsked(options)

    monkeypatch.setattr(chips, "make_chips", cut)
    with pytest.raises(ChipsAsked) as asked:
        command.fit(job(f"{GOOD} --output '{folder}' {words}"), feedback)
    return asked.value.args[0]


def job(words, sources=(), labels=None):
    parser = argparse.ArgumentParser()
    arguments.add_arguments(parser)
    return arguments.job(parser.parse_args(shlex.split(words)), sources, labels or {}, Options())


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ("--id 'No Id'", "'id'"),
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
        ("--strategy head", "--strategy head.*small is an encoder"),
        ("--base town-demo --strategy knees", "--strategy knees"),
        ("--base town-demo --pretrained", "--pretrained"),
        ("--patience -1", "--patience"),
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


def test_the_command_of_a_job_repeats_it():
    wanted = job(
        f"{GOOD} --output 'a b/m' --full-weight 1 --sampled-weight 0.5 --contrastive-weight 0.1 --dice 0.3 --lr 0.01 "
        "--fused-path sampler --sampler curriculum --sampler-option drop=0.3 --sampler-option ramp=0.5 --epochs 3 "
        "--class-weights balanced --patience 4 --fusion mean --head-channels 64 --threads 2 --tile 256 --licence MIT"
    )
    words = shlex.split(arguments.command_of(wanted))
    assert words[:4] == ["python", "-m", "sgma_qgis.model", "train"]
    assert job(shlex.join(words[4:])) == wanted
    recipe = made(wanted.recipe, (0.5, 2.0))
    assert (recipe.contrastive_weight, recipe.dice, recipe.fused_path, recipe.rate) == (0.1, 0.3, "sampler", 0.01)
    assert recipe.sampler_options == ("drop=0.3", "ramp=0.5")


def test_the_command_names_layers_and_labels():
    sources = (Source("rgb", "a b.tif", (3, 2, 1), "dn8"), Source("dsm", "d.tif", (), "", -1.0))
    labels = {"labels": "l.gpkg", "class_field": "kind", "radius": 2.5, "areas": "areas.gpkg"}
    found = arguments.command_of(job("--base town-demo --output m", sources, labels))
    for part in ("--rgb 'a b.tif'", "--rgb-bands 3,2,1", "--units rgb=dn8", "--dsm d.tif", "--nodata dsm=-1"):
        assert part in found, part
    for part in ("--labels l.gpkg", "--class-field kind", "--point-radius 2.5", "--areas areas.gpkg"):
        assert part in found, part


@pytest.mark.parametrize("changes", [{"speed": 1}, {"epochs": 2.5}, {"epochs": True}, {"sampler_options": "drop=1"}])
def test_a_recipe_that_is_none(changes):
    with pytest.raises(BadInput, match=next(iter(changes))):
        made(changes, (1.0, 1.0))


def test_a_model_is_trained_more_gently_than_an_encoder():
    assert made({}, (1.0, 1.0)) == Recipe()
    assert made({}, (1.0, 1.0), "all").encoder_rate == FROM_MODEL["all"]["encoder_rate"] < 1
    assert made({"rate": 0.5}, (1.0, 1.0), "head").rate == 0.5


def test_help_names_every_sampler_and_its_options(capsys):
    parser = argparse.ArgumentParser()
    arguments.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["--help"])
    told = capsys.readouterr().out
    assert all(word in told for word in ("latent_scenario", "plausible", "per_stage", "ramp"))


def test_combinations_that_training_shows():
    whole = {("rgb", "nir", "dsm"), ("rgb", "nir"), ("dsm",)}
    keys = ("rgb", "nir", "dsm")
    singles = {("rgb",), ("nir",), ("dsm",)}
    alone = ("alone=1",)
    assert practised(Recipe(), keys, whole) == set(subsets(keys))
    assert practised(Recipe(sampler_options=alone), keys, whole) == whole | singles
    assert practised(Recipe(sampled_weight=0.0), keys, whole) == whole
    assert practised(Recipe(fused_path="sampler", sampler_options=alone), keys, whole) == singles
    assert practised(Recipe(full_weight=0.0, sampler="uniform"), keys, whole) == set(subsets(keys))
    lgss = Recipe(full_weight=0.0, sampler="latent_scenario", sampler_options=("plausible=rgb",))
    assert practised(lgss, keys, whole) == {("rgb",), ("dsm",)}  # without rgb: all there is
