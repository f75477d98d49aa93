"""A train job: from labelled data to a model package with measured accuracy."""

from __future__ import annotations

import copy
import re
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from ..contract.card import Accuracy, Calibration, Card, ClassInfo, ModalityStats, NetworkSpec, parse, to_json
from ..contract.errors import BadInput, BadModel
from ..contract.job import PRECISIONS
from ..contract.learning import TrainJob
from ..contract.store import Package, find, installed, is_path, open_package
from ..feedback import JobFeedback
from ..nn import backbones, build, lora
from ..nn.device import autocast_dtype, pick
from ..nn.inherit import carried, inherit
from ..nn.network import Network
from . import bias, open_data, package, strategies
from .arguments import command_of
from .checkpoint import WorkFolder
from .dataset import TrainingData
from .evaluate import calibrate, evaluate
from .loop import Keeping, Outcome, train
from .losses import class_weights
from .metrics import Sensors, subsets, summary
from .recipe import Recipe, at_least, check, made, practised
from .scenarios import TABLE_FILE, write_table
from .step import Teacher

_TILE = 512  # of models that start from an encoder
_RANGE = (1 / 1.5, 1.5)  # ground resolutions around the typical one, where nobody says
# stand in for the data's while a card is checked before there is data
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


@dataclass(frozen=True)
class Start:
    """What a network starts from: a model (`base`), or an encoder, pretrained or not. strategy: what may change."""

    base: Package | None = None
    pretrained: bool = False
    strategy: str = "all"


def fit(job: TrainJob, feedback: JobFeedback) -> dict[str, Any]:
    """Train and write the package. Returns {output, id, seconds, accuracy, average, top1, last1, expected,
    validation_miou (None without validation data)}.

    Raises BadInput for options that cannot be used, before the data is read.
    """
    if job.options.threads is not None:
        at_least("--threads", job.options.threads, 1)
        torch.set_num_threads(job.options.threads)
    if job.options.precision not in PRECISIONS:
        raise BadInput(
            f"--precision {job.options.precision} must be one of {', '.join(PRECISIONS)}.", "Correct --precision."
        )
    base = _base(job)
    start = Start(base, job.pretrained, job.strategy or ("adapters" if base else "all"))
    open_data.check(job, base.card if base else None)
    gsd = job.gsd or (base.card.gsd if base else None)
    recipe = made(job.recipe, scales(gsd) if gsd else _RANGE, start.strategy if base else "")
    _check_start(job, start, recipe)
    spec = base.card.network if base else NetworkSpec(job.base, job.fusion, job.head_channels)
    tile = job.tile or (base.card.tile if base else _TILE)
    output, naming = Path(job.output), _naming(job, base)
    device = pick(job.options.device)
    _network(_card(naming, spec, tile, gsd or (1.0, 1.0, 1.0), _CLASSES, (_MODALITY,)), job.pretrained)
    package.check_place(output)
    with WorkFolder(output) as work:
        card = base.card if base else None
        data = open_data.open_training_data(
            job, card, crop=recipe.crop, scales=recipe.scales, work=work.caches, feedback=feedback
        )
        if not job.options.resume:
            work.forget()  # not before the data was found to be of use
        return train_package(
            data,
            output,
            naming=naming,
            spec=spec,
            tile=tile,
            recipe=replace(recipe, scales=scales(data.gsd)),
            device=device,
            command=command_of(job),
            feedback=feedback,
            start=start,
            work=work,
            precision=job.options.precision,
        )


def train_package(
    data: TrainingData,
    folder: Path,
    *,
    naming: Naming,
    spec: NetworkSpec,
    tile: int,
    recipe: Recipe,
    device: torch.device,
    command: str,
    feedback: JobFeedback,
    start: Start = Start(),
    work: WorkFolder | None = None,
    precision: str = "auto",
) -> dict[str, Any]:
    """Train a network, calibrate it, measure it on the test data, write the package, open it again.

    command: how to repeat it, for the card. work: where checkpoints go; None = none are kept. precision: "bf16", or
    "auto": bf16 on GPUs that have it. Raises BadInput before the training when the card would not be valid or cannot
    be written, or the data cannot be used.
    """
    check(recipe)
    card = _card(naming, spec, tile, data.gsd, data.classes, data.modalities)
    card = replace(card, trained_on=_trained_on(data, recipe))
    package.check_place(folder)
    _check_data(data)
    torch.manual_seed(recipe.seed)
    network, teacher = _started(card, start, data, recipe, device, feedback)
    facts = _facts(card, start, data, recipe)
    outcome = train(
        network,
        data,
        recipe,
        feedback,
        teacher=teacher,
        keeping=Keeping(work, facts) if work else None,
        dtype=_reduced(device, precision),
        trained=start.base is not None,
    )
    lora.merge(outcome.network)
    shift, rows = [0.0] * len(card.classes), ()
    if "validation" in data.names:
        feedback.info("Tuning the decision bias and the temperatures on the validation data")
        shift = bias.tune(outcome.network, data, recipe.seed)
        rows = _calibration(outcome.network, data, recipe, feedback)
    else:
        feedback.warn("There is no validation data: the last weights are kept, confidences are not calibrated.")
    card = replace(
        card,
        calibration=rows,
        accuracy=_measure(outcome.network, data, card, naming, feedback),
        provenance=_provenance(data, recipe, outcome, start, shift, command),
    )
    _write(folder, card, outcome)
    if work:
        work.forget()
    miou = {row.sensors: row.miou for row in card.accuracy}
    table = {"+".join(row.sensors): {"miou": row.miou, "iou": row.iou} for row in card.accuracy}
    whole = summary(miou, card.keys) if len(miou) == 2 ** len(card.keys) - 1 else {}
    validated = outcome.best if "validation" in data.names else None
    told = {"output": str(folder), "id": card.id, "seconds": outcome.seconds, "validation_miou": validated}
    return {**told, "accuracy": table, **whole}


# --- the start ---------------------------------------------------------------------------------------------------


def _base(job: TrainJob) -> Package | None:
    """Return the model to go on from, None for an encoder. Raises BadInput when the base is neither."""
    if job.base in backbones.BY_NAME:
        return None
    if not is_path(job.base) and job.base not in {row.card.id for row in installed()}:
        models = ", ".join(sorted(row.card.id for row in installed())) or "none"
        raise BadInput(
            f"--base {job.base!r} is neither an installed model ({models}) nor an encoder "
            f"({', '.join(backbones.BY_NAME)}).",
            "Choose one of these, or give the path of a model.",
        )
    package = find(job.base)
    if package.card.network.pixels is not None:
        raise BadInput(
            f"--base {job.base} was made from strokes: its head reads pixels, which training does not know.",
            "Start from the model that it was made from, with the strokes as labels.",
        )
    return package


def _check_start(job: TrainJob, start: Start, recipe: Recipe) -> None:
    """Raise BadInput for options that do not go with what the training starts from."""
    if start.base is None:
        if recipe.distil > 0:
            raise BadInput(
                f"--distil keeps close to a trained starting model; {job.base} is an encoder without one.",
                "Leave --distil out.",
            )
        if start.strategy != "all":
            raise BadInput(
                f"--strategy {start.strategy} keeps most of a trained model; {job.base} is an encoder alone.",
                "Leave --strategy out, or give a model as --base.",
            )
    elif job.pretrained:
        raise BadInput("--pretrained is of encoders; the base is a trained model.", "Leave --pretrained out.")
    strategies.check(start.strategy)


def _started(
    card: Card, start: Start, data: TrainingData, recipe: Recipe, device: torch.device, feedback: JobFeedback
) -> tuple[Network, Teacher | None]:
    """Return the network to train, on its device, and the teacher when the recipe distils."""
    network = _network(card, start.pretrained)
    counts = data.class_counts()
    weights = class_weights(counts, recipe.class_weights)
    shares = counts if weights is None else counts * weights.numpy()
    if start.base is None:
        bias.start_at_shares(network, shares)
        return network.to(device), None
    base_card = start.base.card
    base = build.load(base_card, start.base.weights(), str(start.base.path))
    for text in inherit(network, card, base, base_card):
        feedback.info(text)
    known = carried(card, base_card)
    bias.start_new_at_shares(network, shares, [k for k, _ in known])
    network.to(device)
    teacher = None
    if recipe.distil > 0:
        if len(known) < 2:
            raise BadInput(
                f"--distil compares classes that '{base_card.id}' knows; the labels have {len(known)} of them.",
                "Leave --distil out.",
            )
        sensors = torch.tensor([key in base_card.keys for key in card.keys], device=device)
        teacher = Teacher(
            copy.deepcopy(network).eval().requires_grad_(False), sensors, torch.tensor([k for k, _ in known]).to(device)
        )
    strategies.apply(network, start.strategy)
    sizes = [(p.numel(), p.requires_grad) for p in network.parameters()]
    free, whole = sum(n for n, learns in sizes if learns), sum(n for n, _ in sizes)
    feedback.info(f"Strategy {start.strategy}: {free:,} of {whole:,} weights learn.")
    return network, teacher


def _network(card: Card, pretrained: bool) -> Network:
    """Return the card's network, untrained. Raises BadInput when the card would be refused once it is written."""
    try:
        parse(to_json(card), "The card to be written")
        return build.build(card, pretrained=pretrained)
    except BadModel as error:
        raise BadInput(error.message, "Correct the option.") from None


def _check_data(data: TrainingData) -> None:
    """Raise BadInput for data that nothing can be learned from or validated on."""
    counts = data.class_counts()
    if (counts > 0).sum() < 2:
        named = [info.name for info, count in zip(data.classes, counts) if count]
        raise BadInput(
            f"The training labels hold {'one class only, ' + named[0] if named else 'no class'}; 2 are needed.",
            "Label places of another class, too.",
        )
    for role in data.names:
        if not data.labelled(role):
            raise BadInput(f"There is no label in the data of role '{role}'.", "Label it, or give it another role.")


def _facts(card: Card, start: Start, data: TrainingData, recipe: Recipe) -> dict[str, Any]:
    """Return what makes a training this one and no other, for its checkpoints."""
    return {
        "data": data.fingerprint,
        "base": start.base.card.weights_sha256 if start.base else "",
        "pretrained": start.pretrained,
        "strategy": start.strategy,
        "classes": [info.name for info in card.classes],
        "sensors": [asdict(row) for row in card.modalities],
        "network": asdict(card.network),
        "recipe": asdict(recipe),
    }


def _reduced(device: torch.device, precision: str) -> torch.dtype | None:
    """Return the dtype of the autocast. Half precision other than bf16 would need its gradients scaled: never here."""
    dtype = autocast_dtype(device, precision)
    return dtype if dtype == torch.bfloat16 else None


def _write(folder: Path, card: Card, outcome: Outcome) -> None:
    """Write the package, with the table of measured scenarios beside it, and open it again."""
    package.write(folder, card, outcome.network.cpu())
    (folder / TABLE_FILE).unlink(missing_ok=True)  # of a model that was here before
    if outcome.table is not None:
        write_table(folder / TABLE_FILE, outcome.table)
    found = open_package(folder)
    build.load(found.card, found.weights(), str(folder))


# --- the card ----------------------------------------------------------------------------------------------------


def _naming(job: TrainJob, base: Package | None) -> Naming:
    """Return what the card says; the id and title of those who give none are made from the output and the base."""
    name = Path(job.output).name
    own = re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:64]
    credit = f"Started from {base.card.title}. {base.card.attribution}".strip() if base else ""
    return Naming(
        id=job.id or own or "model",
        title=job.title or (f"{base.card.title}, trained further on {name}" if base else name),
        data=Path(job.scenes or job.labels).stem,
        description=job.description,
        licence=job.licence or (base.card.licence if base else ""),
        attribution="\n".join(filter(None, (job.attribution, credit))),
    )


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


def _calibration(
    network: Network, data: TrainingData, recipe: Recipe, feedback: JobFeedback
) -> tuple[Calibration, ...]:
    parts = data.parts("validation", tell=lambda done, total: feedback.progress("calibrate", done, total))
    return calibrate(network, parts, subsets(network.keys), data.labelled("validation"), recipe.seed)


def _measure(
    network: Network, data: TrainingData, card: Card, naming: Naming, feedback: JobFeedback
) -> tuple[Accuracy, ...]:
    if "test" not in data.names:
        feedback.warn("There is no test data: the card will not say how accurate the model is.")
        return ()
    found = evaluate(network, data.parts("test", tell=lambda done, total: feedback.progress("test", done, total)))
    return package.accuracy(found, card, naming.data or naming.id, "test")


def _trained_on(data: TrainingData, recipe: Recipe) -> tuple[Sensors, ...]:
    """Return the combinations that training showed."""
    keys = tuple(row.key for row in data.modalities)
    shown = practised(recipe, keys, data.available())
    return tuple(part for part in subsets(keys) if part in shown)


def _provenance(
    data: TrainingData, recipe: Recipe, outcome: Outcome, start: Start, shift: list[float], command: str
) -> dict[str, Any]:
    used = asdict(recipe)
    del used["epochs" if recipe.minutes > 0 else "minutes"]  # the one that did not set the length
    base = start.base.card if start.base else None
    origin = {"id": base.id, "weights_sha256": base.weights_sha256, "strategy": start.strategy} if base else {}
    return {
        "command": command,
        **({"base": origin} if origin else {}),
        "recipe": used,
        "threads": torch.get_num_threads(),
        "data": data.summary,
        "steps": outcome.steps,
        "seconds": outcome.seconds,
        "validation_miou": outcome.best,
        "validation_epoch": outcome.best_epoch,
        "decision_bias": shift,
        "history": outcome.history,
        "torch": torch.__version__,
    }
