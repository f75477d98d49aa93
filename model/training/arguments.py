"""The options of `train`, how they become a job, and the command that repeats a job."""

from __future__ import annotations

import argparse
import math
import shlex
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..contract.errors import BadInput
from ..contract.job import Options, Source
from ..contract.learning import TrainJob
from ..nn import backbones, fusion
from . import samplers
from .recipe import CLASS_WEIGHTS, FUSED_PATHS, Recipe

#: options that set a field of the recipe, but for the resolutions, which come from --gsd: option -> (field, help)
_RECIPE = {
    "epochs": ("epochs", "passes over the training data"),
    "minutes": ("minutes", "train for so long instead"),
    "crop": ("crop", "side of training crops, pixels"),
    "batch": ("batch", "crops a step"),
    "lr": ("rate", "peak learning rate"),
    "encoder-rate": ("encoder_rate", "learning rate of the encoder, relative to --lr"),
    "sampler": ("sampler", f"one of {', '.join(samplers.BY_NAME)}"),
    "fused-path": (
        "fused_path",
        "what the fused path sees: all sensors a sample has, or a draw of the sampler, too (modality dropout)",
    ),
    "full-weight": ("full_weight", "weight of the fused path's loss"),
    "sampled-weight": ("sampled_weight", "weight of the loss with the sensors that the sampler drew"),
    "contrastive-weight": ("contrastive_weight", "weight of the loss that pulls sensors' features together"),
    "dice": ("dice", "weight of the Dice loss added to cross-entropy in both paths, for rare classes"),
    "distil": ("distil", "weight of staying close to the starting model's scores, for the classes it knows"),
    "class-weights": ("class_weights", "of cross-entropy; balanced = 1 / share, where labels of a class are few"),
    "patience": ("patience", "end after so many epochs without a better validation; 0 = never"),
    "seed": ("seed", "of all chance"),
}
_CHOICES = {"fused-path": FUSED_PATHS, "class-weights": CLASS_WEIGHTS}
#: options of the network and the card, by name of the job's field
_CARD = {
    "id": "the model's id: small letters, digits, . _ - (default: from --output)",
    "title": "the model's title (default: from --output and --base)",
    "licence": "the card's licence (default: the base's)",
    "attribution": "the card's attribution; the base's is added",
    "description": "the card's description",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `train`, but for layers and labels."""
    known = ", ".join(backbones.BY_NAME)
    parser.add_argument(
        "--base", required=True, metavar="ID|PATH|NAME", help=f"model to go on from, or encoder to start with: {known}"
    )
    parser.add_argument("--output", required=True, metavar="FOLDER", help="the model package to write")
    parser.add_argument(
        "--strategy",
        default="",
        help="what of a model may change: head, adapters (LoRA, norms, projectors and head; default) or all",
    )
    parser.add_argument("--scenes", default="", metavar="F.json", help="manifest: scenes with layers, labels, role")
    parser.add_argument("--pretrained", action="store_true", help="start the encoder from ImageNet weights")
    parser.add_argument("--fusion", default=TrainJob.fusion, help=f"of an encoder: {', '.join(fusion.BY_NAME)}")
    parser.add_argument(
        "--head-channels", type=int, default=TrainJob.head_channels, metavar="N", help="of an encoder: the head's width"
    )
    parser.add_argument("--gsd", metavar="MIN,TYP,MAX", help="ground metres a pixel (default: the base's)")
    parser.add_argument("--tile", type=int, metavar="PX", help="tile side at inference (default: the base's, or 512)")
    _add_recipe(parser)
    for name, told in _CARD.items():
        parser.add_argument(f"--{name}", default="", help=told)
    parser.add_argument(
        "--dry-run", action="store_true", help="take a few steps, say what the training would need, write nothing"
    )
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto", help="auto: bf16 on new GPUs")
    parser.add_argument("--threads", type=int, default=None, metavar="N", help="CPU threads (default: all)")
    parser.add_argument(
        "--resume",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="go on from the checkpoint of an interrupted training of this output (default), or start afresh",
    )


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    length = parser.add_mutually_exclusive_group()
    for option, (name, told) in _RECIPE.items():
        default = next(row.default for row in fields(Recipe) if row.name == name)
        where = length if option in ("epochs", "minutes") else parser
        where.add_argument(
            f"--{option}",
            type=type(default),
            choices=_CHOICES.get(option),
            dest=name,
            metavar=None if option in _CHOICES else "NAME" if isinstance(default, str) else "N",
            help=told,  # no default here: it depends on base and strategy
        )
    parser.add_argument(
        "--sampler-option",
        action="append",
        dest="sampler_options",
        metavar="KEY=VALUE",
        help=f"of the sampler; may be repeated. {samplers.told()}".replace("%", "%%"),
    )


def job(args: argparse.Namespace, sources: tuple[Source, ...], labels: Mapping[str, Any], read: Options) -> TrainJob:
    """Return the job of a command line.

    labels: the job's fields that say where labels are. read: what says how layers are read. Raises BadInput.
    """
    names = [name for name, _ in _RECIPE.values()] + ["sampler_options"]
    recipe = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    plain = ("base", "output", "scenes", "strategy", "fusion", "head_channels", "pretrained", "tile", "dry_run", *_CARD)
    options = {name: getattr(args, name) for name in ("device", "precision", "threads", "resume")}
    return TrainJob(
        sources=sources,
        recipe=recipe,
        gsd=_gsd(args.gsd) if args.gsd else None,
        options=Options(**{**vars(read), **options}),
        **labels,
        **{name: getattr(args, name) for name in plain},
    )


def command_of(job: TrainJob) -> str:
    """Return the command line that repeats a job."""
    words = ["python", "-m", "sgma_qgis.model", "train", "--base", job.base, "--output", job.output]
    given = {
        "scenes": job.scenes,
        "labels": job.labels,
        "class-field": job.class_field,
        "class-map": job.class_map,
        "point-radius": job.radius,
        "labelled-area": job.labelled_area,
        "background-class": job.background,
        "areas": job.areas,
        "strategy": job.strategy,
        "gsd": ",".join(f"{value:g}" for value in job.gsd or ()),
        "tile": job.tile,
        "units": ",".join(f"{row.modality}={row.unit}" for row in job.sources if row.unit),
        "nodata": ",".join(f"{row.modality}={row.nodata:g}" for row in job.sources if row.nodata is not None),
        "crs": job.options.crs,
        "resolution": job.options.resolution,
        **{row.modality: row.path for row in job.sources},
        **{f"{row.modality}-bands": ",".join(map(str, row.bands)) for row in job.sources},
        **{option: job.recipe.get(name) for option, (name, _) in _RECIPE.items()},
        **{name: getattr(job, name) for name in _CARD},
        "threads": job.options.threads,
    }
    if job.fusion != TrainJob.fusion:
        given["fusion"] = job.fusion
    if job.head_channels != TrainJob.head_channels:
        given["head-channels"] = job.head_channels
    for name in ("device", "precision"):
        if getattr(job.options, name) != "auto":
            given[name] = getattr(job.options, name)
    for name, value in given.items():
        if value not in (None, ""):
            words += [f"--{name}", str(value)]
    for word in job.recipe.get("sampler_options") or ():
        words += ["--sampler-option", word]
    return shlex.join([*words, *(["--pretrained"] if job.pretrained else [])])


def _gsd(text: str) -> tuple[float, float, float]:
    try:
        low, typical, high = map(float, text.split(","))
    except ValueError:
        raise BadInput(f"--gsd {text!r} must be MIN,TYP,MAX in metres.", "For example --gsd 0.3,0.6,1.0.") from None
    if not 0 < low <= typical <= high < math.inf:
        raise BadInput(f"--gsd {text} must rise and be above 0.", "For example --gsd 0.3,0.6,1.0.")
    return low, typical, high
