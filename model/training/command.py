"""`train --scenes`: from a scenes manifest to a model package with measured accuracy."""

from __future__ import annotations

import argparse
import math
import shlex
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ..contract.card import Accuracy, Card, ClassInfo, ModalityStats, NetworkSpec, parse, to_json
from ..contract.errors import BadInput, BadModel
from ..contract.store import open_package
from ..feedback import JobFeedback
from ..nn import backbones, build, fusion
from ..nn.device import pick
from ..nn.network import Network
from . import bias, package
from .chipset import open_chips
from .dataset import TrainingData
from .evaluate import evaluate
from .loop import Outcome, train
from .metrics import Sensors, subsets, summary
from .recipe import Recipe, add_options, at_least, from_options, practised
from .scenarios import TABLE_FILE, write_table

CHIP = 256  # least side of cached chips
# stand in for the data's while a card is checked before there are chips
_CLASSES = tuple(ClassInfo(i, f"Class {i}", "#000000") for i in range(2))
_MODALITY = ModalityStats("nir", ("nir",), "dn8", (0.0,), (1.0,), (0.0,), (1.0,))


@dataclass(frozen=True)
class Naming:
    """What a card says besides numbers. data: how the accuracy rows call the data set."""

    id: str
    title: str
    data: str = ""
    description: str = ""
    licence: str = ""
    attribution: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `train`."""
    parser.add_argument("--scenes", required=True, metavar="F.json", help="manifest: scenes with layers, labels, role")
    parser.add_argument("--class-map", metavar="F.json", help='{"label value": "new:NAME" | "ignore"}')
    parser.add_argument("--base", required=True, metavar="NAME", help=f"backbone: {', '.join(backbones.BY_NAME)}")
    parser.add_argument("--pretrained", action="store_true", help="start the backbone from ImageNet weights")
    parser.add_argument("--output", required=True, metavar="FOLDER", help="the model package to write")
    parser.add_argument("--id", required=True, help="the model's id: small letters, digits, . _ -")
    parser.add_argument("--title", required=True, help="the model's title")
    parser.add_argument("--fusion", default="semantic_guided", help=f"one of {', '.join(fusion.BY_NAME)}")
    add_options(parser)
    parser.add_argument("--head-channels", type=int, default=128, metavar="N", help="width of the head")
    parser.add_argument("--gsd", required=True, metavar="MIN,TYP,MAX", help="ground metres a pixel the model is for")
    parser.add_argument("--tile", type=int, default=512, metavar="PX", help="tile side at inference")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--threads", type=int, default=None, metavar="N", help="CPU threads (default: all)")
    for name in ("licence", "attribution", "description"):
        parser.add_argument(f"--{name}", default="", help=f"the card's {name}")


def run(args: argparse.Namespace, feedback: JobFeedback) -> dict[str, Any]:
    """Train and write the package. Returns {output, id, seconds, accuracy, average, top1, last1, expected}.

    Raises BadInput for options that cannot be used, before the scenes are read.
    """
    from ..data.chips import make_chips  # here, not above: training from a cached folder needs no GDAL
    from ..data.labels import read

    if args.threads is not None:
        at_least("--threads", args.threads, 1)
        torch.set_num_threads(args.threads)
    gsd = _gsd(args.gsd)
    class_map = read(args.class_map) if args.class_map else None
    recipe = from_options(args, scales(gsd))
    if recipe.distil > 0 and args.base in backbones.BY_NAME:
        raise BadInput(
            f"--distil keeps close to a trained starting model; {args.base} is an encoder without one.",
            "Leave --distil out.",
        )
    spec = NetworkSpec(args.base, args.fusion, args.head_channels)
    naming = Naming(args.id, args.title, Path(args.scenes).stem, args.description, args.licence, args.attribution)
    device = pick(args.device)
    classes = class_map.classes if class_map else _CLASSES
    _network(_card(naming, spec, args.tile, gsd, classes, (_MODALITY,)), args.pretrained)
    output = Path(args.output)
    package.check_place(output)
    # crops of the coarsest resolution fit into a chip
    side = max(CHIP, math.ceil(args.crop * recipe.scales[1]))
    # beside the result, because the system's temporary folder may be small; Windows cannot delete mapped files
    with tempfile.TemporaryDirectory(
        prefix=f".{output.name}.chips-", dir=output.parent, ignore_cleanup_errors=True
    ) as folder:
        make_chips(Path(args.scenes), Path(folder), gsd=gsd, side=side, class_map=class_map, feedback=feedback)
        return train_package(
            open_chips(Path(folder)),
            output,
            naming=naming,
            spec=spec,
            tile=args.tile,
            recipe=recipe,
            pretrained=args.pretrained,
            device=device,
            command=_command(args),
            feedback=feedback,
        )


def train_package(
    data: TrainingData,
    folder: Path,
    *,
    naming: Naming,
    spec: NetworkSpec,
    tile: int,
    recipe: Recipe,
    pretrained: bool = False,
    device: torch.device,
    command: str,
    feedback: JobFeedback,
) -> dict[str, Any]:
    """Train a network, measure it on the test data, write the package, open it again.

    command: how to repeat it, for the card. Raises BadInput before the training when the card would not be valid or
    cannot be written.
    """
    card = _card(naming, spec, tile, data.gsd, data.classes, data.modalities)
    card = replace(card, trained_on=_trained_on(data, recipe))
    torch.manual_seed(recipe.seed)
    network = _network(card, pretrained).to(device)
    package.check_place(folder)
    bias.start_at_shares(network, data.class_counts())
    outcome = train(network, data, recipe, feedback)
    shift = [0.0] * len(card.classes)
    if "validation" in data.names:
        feedback.info("Tuning the decision bias on the validation data")
        shift = bias.tune(outcome.network, data, recipe.seed)
    rows = _measure(outcome.network, data, card, naming, feedback)
    provenance = _provenance(data, recipe, outcome, shift, command)
    card = package.write(folder, replace(card, accuracy=rows, provenance=provenance), outcome.network.cpu())
    (folder / TABLE_FILE).unlink(missing_ok=True)  # of a model that was here before
    if outcome.table is not None:
        write_table(folder / TABLE_FILE, outcome.table)
    found = open_package(folder)
    build.load(found.card, found.weights(), str(folder))
    miou = {row.sensors: row.miou for row in rows}
    table = {"+".join(row.sensors): {"miou": row.miou, "iou": row.iou} for row in rows}
    whole = summary(miou, card.keys) if len(miou) == 2 ** len(card.keys) - 1 else {}
    return {"output": str(folder), "id": card.id, "seconds": outcome.seconds, "accuracy": table, **whole}


def scales(gsd: tuple[float, float, float]) -> tuple[float, float]:
    """Return the relative ground resolutions that training shows, from the card's range."""
    return gsd[0] / gsd[1], gsd[2] / gsd[1]


def _card(
    naming: Naming,
    spec: NetworkSpec,
    tile: int,
    gsd: tuple[float, float, float],
    classes: tuple[ClassInfo, ...],
    modalities: tuple[ModalityStats, ...],
) -> Card:
    return Card(
        id=naming.id,
        title=naming.title,
        classes=classes,
        modalities=modalities,
        network=spec,
        gsd=gsd,
        tile=tile,
        weights_file=package.WEIGHTS_FILE,
        weights_sha256="0" * 64,
        licence=naming.licence,
        attribution=naming.attribution,
        description=naming.description,
    )


def _network(card: Card, pretrained: bool) -> Network:
    """Return the card's network, untrained. Raises BadInput when the card would be refused once it is written."""
    try:
        parse(to_json(card), "The card to be written")
        return build.build(card, pretrained=pretrained)
    except BadModel as error:
        raise BadInput(error.message, "Correct the option.") from None


def _measure(
    network: Network, data: TrainingData, card: Card, naming: Naming, feedback: JobFeedback
) -> tuple[Accuracy, ...]:
    if "test" not in data.names:
        feedback.warn("There are no test scenes: the card will not say how accurate the model is.")
        return ()
    found = evaluate(network, data.parts("test", tell=lambda done, total: feedback.progress("test", done, total)))
    return package.accuracy(found, card, naming.data or naming.id, "test")


def _trained_on(data: TrainingData, recipe: Recipe) -> tuple[Sensors, ...]:
    """Return the combinations that training showed."""
    keys = tuple(row.key for row in data.modalities)
    shown = practised(recipe, keys, data.available("train"))
    return tuple(part for part in subsets(keys) if part in shown)


def _provenance(
    data: TrainingData, recipe: Recipe, outcome: Outcome, shift: list[float], command: str
) -> dict[str, Any]:
    used = asdict(recipe)
    del used["epochs" if recipe.minutes > 0 else "minutes"]  # the one that did not set the length
    return {
        "command": command,
        "recipe": used,
        "threads": torch.get_num_threads(),
        "data": data.summary,
        "steps": outcome.steps,
        "seconds": outcome.seconds,
        "validation_miou": outcome.best,
        "decision_bias": shift,
        "history": outcome.history,
        "torch": torch.__version__,
    }


def _gsd(text: str) -> tuple[float, float, float]:
    try:
        low, typical, high = map(float, text.split(","))
    except ValueError:
        raise BadInput(f"--gsd {text!r} must be MIN,TYP,MAX in metres.", "For example --gsd 0.3,0.6,1.0.") from None
    if not 0 < low <= typical <= high < math.inf:
        raise BadInput(f"--gsd {text} must rise and be above 0.", "For example --gsd 0.3,0.6,1.0.")
    return low, typical, high


def _command(args: argparse.Namespace) -> str:
    """Return the command that repeats this training."""
    skip = ("command", "run", "json", "pretrained")
    options = {k: v for k, v in vars(args).items() if k not in skip and v not in (None, "")}
    if options.get("minutes"):
        options.pop("epochs", None)
    else:
        options.pop("minutes", None)
    words = []
    for name, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            words += [f"--{name.replace('_', '-')}", str(one)]
    return shlex.join(
        ["python", "-m", "sgma_qgis.model", "train", *words, *(["--pretrained"] if args.pretrained else [])]
    )
