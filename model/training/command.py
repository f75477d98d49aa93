"""A train job: from labelled data to a model package with measured accuracy."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from .. import memory
from ..contract.card import Accuracy, Calibration, Card, ClassInfo, ModalityStats, NetworkSpec, id_from, printable
from ..contract.errors import BadInput
from ..contract.job import PRECISIONS
from ..contract.learning import TrainJob
from ..contract.store import WEIGHTS_FILE, Package, open_package
from ..feedback import JobFeedback
from ..nn import build, lora
from ..nn.device import autocast_dtype, pick
from ..nn.fusion import defaults
from ..nn.network import Network
from . import bias, open_data, package
from .arguments import command_of
from .checkpoint import WorkFolder
from .dataset import TrainingData
from .evaluate import calibrate, evaluate
from .loop import Outcome, train
from .metrics import Sensors, subsets, summary
from .recipe import Recipe, at_least, check, made, practised
from .rehearsal import rehearse
from .resuming import Keeping
from .scenarios import TABLE_FILE, write_table
from .start import Start, base_of, check_start, new_network, started
from .step import Teacher

_FEW_PIXELS = 1000  # with labels for validation: fewer tell epochs apart by chance
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
    caution: str = ""
    licence: str = ""
    attribution: str = ""


def fit(job: TrainJob, feedback: JobFeedback) -> dict[str, Any]:
    """Train and write the package. Returns {output, id, seconds, accuracy, average, top1, last1, expected,
    validation_miou (None without validation data), epoch (whose weights are kept), epochs (done), areas (the file of
    proposed ones, else "")}; of a dry run what `rehearsal.rehearse` does.

    Raises BadInput for options that cannot be used, before the data is read.
    """
    if job.options.threads is not None:
        at_least("--threads", job.options.threads, 1)
        torch.set_num_threads(job.options.threads)
    if job.options.precision not in PRECISIONS:
        raise BadInput(
            f"--precision {job.options.precision} must be one of {', '.join(PRECISIONS)}.", "Correct --precision."
        )
    base = base_of(job)
    start = Start(base, job.pretrained, job.strategy or ("adapters" if base else "all"))
    known = base.card if base else None
    open_data.check(job, known)
    gsd = job.gsd or (known.gsd if known else None)
    recipe = made(job.recipe, scales(gsd) if gsd else _RANGE, start.strategy if base else "")
    check_start(job, start, recipe)
    spec = base.card.network if base else NetworkSpec(job.base, job.fusion, job.head_channels, defaults(job.fusion))
    tile = job.tile or (base.card.tile if base else _TILE)
    output, naming = Path(job.output), _naming(job, base)
    device = pick(job.options.device)
    new_network(_card(naming, spec, tile, gsd or (1.0, 1.0, 1.0), _CLASSES, (_MODALITY,)), job.pretrained)

    def opened(caches: Path) -> TrainingData:
        return open_data.open_training_data(
            job, known, crop=recipe.crop, scales=recipe.scales, work=caches, feedback=feedback
        )

    if job.dry_run:
        memory.forget_peak()
        with tempfile.TemporaryDirectory(prefix="sgma-") as place:
            data = opened(Path(place))
            recipe = replace(recipe, scales=scales(data.gsd))
            _, network, teacher = _prepared(data, naming, spec, tile, recipe, device, feedback, start)
            dtype = _reduced(device, job.options.precision)
            return rehearse(network, data, recipe, feedback, teacher=teacher, dtype=dtype, trained=base is not None)
    package.check_place(output)
    with WorkFolder(output) as work:
        open_data.check_areas_place(job, work.kept)
        data = opened(work.caches)
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
    start: Start | None = None,
    work: WorkFolder | None = None,
    precision: str = "auto",
) -> dict[str, Any]:
    """Train a network, calibrate it, measure it on the test data, write the package, open it again.

    command: how to repeat it, for the card. work: where checkpoints go; None = none are kept. precision: "bf16", or
    "auto": bf16 on GPUs that have it. Raises BadInput before the training when the card would not be valid or cannot
    be written, or the data cannot be used.
    """
    start = start or Start()
    package.check_place(folder)
    card, network, teacher = _prepared(data, naming, spec, tile, recipe, device, feedback, start)
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
    _warn_of_choice(outcome, data, feedback)
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
    areas = open_data.keep_areas(data, folder, feedback)
    _write(folder, card, outcome)
    if work:
        work.forget()
    return _result(folder, card, outcome, areas, validated="validation" in data.names)


def _warn_of_choice(outcome: Outcome, data: TrainingData, feedback: JobFeedback) -> None:
    """Warn where validation chose the weights from before the training, or rests on few pixels."""
    if "validation" not in data.names:
        return
    if outcome.epochs and not outcome.best_epoch:
        feedback.warn(
            "The training has brought nothing on the validation ground: the weights are those it began with. "
            "Train more epochs, or give more or larger validation areas."
        )
    pixels = data.labelled("validation")
    if pixels < _FEW_PIXELS:
        feedback.warn(
            f"Validation has {pixels} labelled pixels only: the choice of the epoch rests on little. "
            "Label more there, or give larger validation areas."
        )


def _result(folder: Path, card: Card, outcome: Outcome, areas: str, *, validated: bool) -> dict[str, Any]:
    """Return what `fit` tells of a training."""
    miou = {row.sensors: row.miou for row in card.accuracy}
    whole = summary(miou, card.keys) if len(miou) == 2 ** len(card.keys) - 1 else {}
    return {
        "output": str(folder),
        "id": card.id,
        "seconds": outcome.seconds,
        "validation_miou": outcome.best if validated else None,
        "epoch": outcome.best_epoch if validated and outcome.best is not None else outcome.epochs,
        "epochs": outcome.epochs,
        "areas": areas,
        "accuracy": {"+".join(row.sensors): {"miou": row.miou, "iou": row.iou} for row in card.accuracy},
        **whole,
    }


def _prepared(
    data: TrainingData,
    naming: Naming,
    spec: NetworkSpec,
    tile: int,
    recipe: Recipe,
    device: torch.device,
    feedback: JobFeedback,
    start: Start,
) -> tuple[Card, Network, Teacher | None]:
    """Return the card to be, and what is trained, as `start.started` makes it. Raises BadInput."""
    check(recipe)
    card = _card(naming, spec, tile, data.gsd, data.classes, data.modalities)
    card = replace(card, trained_on=_trained_on(data, recipe))
    _check_data(data)
    torch.manual_seed(recipe.seed)
    return card, *started(card, start, data, recipe, device, feedback)


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
    name = printable(Path(job.output).name)
    credit = f"Started from {base.card.title}. {base.card.attribution}".strip() if base else ""
    return Naming(
        id=job.id or id_from(name) or "model",
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
        weights_file=WEIGHTS_FILE,
        weights_sha256="0" * 64,
        licence=naming.licence,
        attribution=naming.attribution,
        description=naming.description,
        caution=naming.caution,
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
        "data_fingerprint": data.fingerprint,
        "steps": outcome.steps,
        "seconds": outcome.seconds,
        "validation_miou": outcome.best,
        "validation_epoch": outcome.best_epoch,
        "decision_bias": shift,
        "history": outcome.history,
        "torch": torch.__version__,
    }
