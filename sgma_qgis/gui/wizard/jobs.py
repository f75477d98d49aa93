"""What the wizard's choices say, as jobs of the contract. Main thread: layers are read here."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, Optional, Tuple

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer, QgsWkbTypes

from ... import process_program, resolve, settings
from ...i18n import tr
from ...model.contract import store
from ...model.contract.card import Card, id_from
from ...model.contract.command import finetune_line
from ...model.contract.errors import BadInput, BadModel
from ...model.contract.job import CheckJob, Options, Source
from ...model.contract.learning import AreasJob, EvaluateJob, SuggestJob, TrainJob
from ...model.contract.modality import titles
from ..job_builder import picks
from . import meanings
from .scale import CROP
from .state import IGNORE, NEW, WizardState

ROLES = ("train", "validation", "test")
ROLE_FIELD = "role"
_Copies = Callable[[str], resolve.Copy]  # name -> what makes the copy of that name, where QGIS alone has the features
_Keep = Callable[[str, str], str]  # (path, name) -> path of a file that may be temporary


def base_card(state: WizardState) -> Optional[Card]:
    """Return the card of the model to start from; None when it is not there any more."""
    try:
        return store.find(state.base).card
    except BadModel:
        return None


def sources(state: WizardState) -> Tuple[Source, ...]:
    """Return the layers to learn from, in registry order. Raises BadInput."""
    found = picks(state.slots)
    gone = [key for key in state.slots if key not in found]
    if gone:
        raise BadInput(
            tr("The layer of {sensors} is no longer in the project.").format(sensors=titles(gone)),
            tr("Choose another on the page Data, or leave the row empty."),
        )
    return resolve.sources(found.values(), {}, {})


def options(state: WizardState) -> Options:
    """Return how to compute: the wizard's choice, else that of the settings."""
    stored, chosen = settings.load().options(), state.options
    return replace(
        chosen,
        device=stored.device if chosen.device == "auto" else chosen.device,
        threads=chosen.threads or stored.threads,
    )


def check_job(state: WizardState, chosen: Tuple[Source, ...]) -> CheckJob:
    """Return the job that looks at these layers."""
    return CheckJob(chosen, state.base, options=options(state), tolerant=True)


def train_job(state: WizardState) -> TrainJob:
    """Return the training. Files that would not outlive QGIS are copied beside its output. Raises BadInput."""

    def keep(path: str, name: str) -> str:
        return resolve.kept(path, state.output, name)

    if state.output:
        _make_parent(Path(state.output))
    return _training(state, keep)


def dry_run_job(state: WizardState) -> TrainJob:
    """Return the training as a trial that tells what it would need, and writes no model. Raises BadInput."""
    return replace(_training(state, _as_is), dry_run=True)


def areas_job(state: WizardState, output: str) -> AreasJob:
    """Return the job that proposes areas and writes them to `output`. Raises BadInput."""
    return AreasJob(
        sources(state),
        output=output,
        base=state.base,
        crop=state.crop or CROP,
        options=options(state),
        **_labels(state, _as_is),
    )


def evaluate_job(state: WizardState, model: str, output: str, role: str) -> EvaluateJob:
    """Return the job that measures a model in the areas of a role.

    model: path of the new one, in which "new:NAME" means its class NAME; or the base, which does not know these: they
    are not looked at, nor are sensors that it does not know. Raises BadInput when that leaves nothing.
    """
    labels, layers = _labels(state, _as_is), sources(state)
    if model == state.base:
        layers = tuple(source for source in layers if source.modality in store.find(model).card.keys)
        known = {value: IGNORE if target.startswith(NEW) else target for value, target in state.classes.items()}
        if set(known.values()) <= {IGNORE}:
            raise BadInput(tr("All classes are new: the model before the training knows none of them."))
        labels["class_map"] = _map_text(known)
    return EvaluateJob(
        model,
        output,
        layers,
        reference=labels.pop("labels"),
        areas=areas_file(state),
        role=role,
        options=options(state),
        **labels,
    )


def suggest_job(state: WizardState, output: str) -> SuggestJob:
    """Return the job that finds where labels would help the new model, outside of drawn ones. Raises BadInput."""
    layer = _layer(state.labels, tr("labels"), tr("Labels"))
    drawn = isinstance(layer, QgsVectorLayer) and layer.geometryType() == QgsWkbTypes.GeometryType.PolygonGeometry
    labels = _labels(state, _as_is)["labels"] if drawn else ""
    return SuggestJob(sources(state), state.output, output, exclude=labels, options=options(state))


def command(state: WizardState) -> str:
    """Return the call of qgis_process that trains the same, for a shell of this system. Raises BadInput.

    Files that only QGIS has now are named as the training, or `kept_command`, keeps them.
    """

    def named(path: str, name: str) -> str:
        return str(resolve.place_of(state.output, name)) if path and resolve.is_temporary(path) else path

    def unwritten(name: str) -> resolve.Copy:  # large layers would keep a person waiting for a text
        return lambda source, fields: str(resolve.place_of(state.output, name))

    return finetune_line(_training(state, named, unwritten), process_program.program())


def kept_command(state: WizardState) -> str:
    """Return the same once the files that it names are there. Raises BadInput."""
    return finetune_line(train_job(state), process_program.program())


def areas_file(state: WizardState, copy: resolve.Copy = resolve.copied) -> str:
    """Return a file with the areas, '' where there are none: then they are proposed. Raises BadInput."""
    if not state.areas:
        return ""
    return resolve.polygons_file(*_polygons(state.areas, tr("areas"), tr("Areas")), False, ROLE_FIELD, copy)


def default_output(state: WizardState) -> str:
    """Return a folder for the new model that nothing lies in: beside the project, else in the data folder."""
    home = QgsProject.instance().homePath()
    parent = Path(home) / "models" if home else store.data_dir() / "trainings"
    layer = QgsProject.instance().mapLayer(state.labels)
    stem = id_from(layer.name() if layer else "") or "model"
    base = Path(state.base).stem.lower()
    number, folder = 1, parent / f"{base}-{stem}"
    while folder.exists() or Path(f"{folder}.part").exists():
        number += 1
        folder = parent / f"{base}-{stem}-{number}"
    return str(folder)


def _written(name: str) -> resolve.Copy:
    return resolve.copied


def _training(state: WizardState, keep: _Keep, copies: _Copies = _written) -> TrainJob:
    if not state.output:
        raise BadInput(tr("The new model has no folder."), tr("Name one on the page Model and budget."))
    recipe = {"epochs": state.epochs, "crop": state.crop}
    return TrainJob(
        state.base,
        state.output,
        sources(state),
        areas=keep(areas_file(state, copies("areas")), "areas"),
        strategy=state.strategy,
        title=state.title or _title(state),
        licence=state.licence,
        recipe={
            **{name: value for name, value in recipe.items() if value},
            "seed": state.seed,
            "sampler": state.sampler,
        },
        options=options(state),
        **_labels(state, keep, copies),
    )


def _labels(state: WizardState, keep: _Keep, copies: _Copies = _written) -> Dict[str, Any]:
    """Return the fields of a job that say what is known on the ground."""
    layer = _layer(state.labels, tr("labels"), tr("Labels"))
    path, name = resolve.labels_file(layer, state.class_field, tr("Labels"), copy=copies("labels"))
    labelled = ""
    if state.labelled_area:
        layers = _polygons(state.labelled_area, tr("the labelled area"), tr("Labels"))
        labelled = resolve.polygons_file(*layers, False, copy=copies("labelled-area"))
    return {
        "labels": keep(path, "labels"),
        "class_field": name,
        "class_map": _map_text(_coloured(state)) if state.classes else "",
        "radius": state.radius if isinstance(layer, QgsVectorLayer) else None,
        "labelled_area": keep(labelled, "labelled-area"),
    }


def _title(state: WizardState) -> str:
    """Return a model's first title: of its own sensors and data, where the base's title may name others."""
    layer = QgsProject.instance().mapLayer(state.labels)
    known = tr("{sensors}, trained further on {labels}")
    return known.format(sensors=titles(state.slots), labels=layer.name()) if layer is not None else ""


def _coloured(state: WizardState) -> Dict[str, str]:
    """Return what label values mean, new classes with their colours: as chosen, else as the labels' style has them,
    else free ones: "new:NAME #rrggbb"."""
    card = base_card(state)
    known = meanings.colors(state.classes, {**state.colors, **state.picked}, card.classes if card is not None else ())
    names = {value: target[len(NEW) :].strip() for value, target in state.classes.items() if target.startswith(NEW)}
    new = {value: f"{NEW}{name} {known[name]}" if name else NEW for value, name in names.items()}
    return {**state.classes, **new}


def _map_text(classes: Dict[str, str]) -> str:
    return json.dumps(classes, ensure_ascii=False, sort_keys=True)


def _as_is(path: str, name: str) -> str:
    return path


def _make_parent(folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            tr("The folder {folder} cannot be made: {reason}.").format(
                folder=folder.parent, reason=error.strerror or error
            ),
            tr("Name another on the page Model and budget."),
        ) from None


def _polygons(identifier: str, what: str, page: str) -> Tuple[QgsVectorLayer, QgsVectorLayer]:
    layer = _layer(identifier, what, page)
    return layer, layer


def _layer(identifier: str, what: str, page: str) -> QgsMapLayer:
    """Return a layer of the project. what: it holds; page: where another can be chosen. Raises BadInput."""
    layer = QgsProject.instance().mapLayer(identifier) if identifier else None
    if layer is None:
        gone = tr("The layer with {what} is no longer in the project.") if identifier else tr("No layer with {what}.")
        raise BadInput(gone.format(what=what), tr("Choose one on the page {page}.").format(page=page))
    return layer
