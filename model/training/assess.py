"""`evaluate`: how good a model is on layers with a reference, for every combination of their sensors."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from ..contract.card import Card
from ..contract.errors import BadInput
from ..contract.job import RASTER_SUFFIXES
from ..contract.learning import EvaluateJob
from ..contract.modality import titles
from ..contract.store import Package, find
from ..data.inputs import check_no_input, same
from ..data.labels import PROPOSED, ROLES
from ..feedback import JobFeedback
from ..nn import build
from ..nn.device import pick
from ..nn.network import Network
from . import report
from .bootstrap import LEVEL, RESAMPLES, interval, intervals, resampled
from .calibration import ece
from .dataset import Part
from .error_map import ErrorMap
from .evaluate import Measurement, Tally, calibrate, measure, predicted
from .layer_data import part
from .metrics import Sensors, scores, subsets, summary
from .package import areas_file
from .pictures import view
from .report import Example

if TYPE_CHECKING:
    from ..data.labelled import LabelledTiles, Place

FORMATS = (".json", ".html")
_DIGITS = 6
_EXAMPLES = 4


def assess(job: EvaluateJob, feedback: JobFeedback) -> dict[str, Any]:
    """Measure, write the report and return it in its JSON form. Raises BadInput, and nothing is written then."""
    output = Path(job.output)
    _check(job, output)
    package = find(job.model)
    card = package.card
    if job.options.threads is not None:
        torch.set_num_threads(job.options.threads)
    tiles, validation = _data(job, card, feedback)
    network = build.load(card, package.weights(), str(package.path)).to(pick(job.options.device))
    combinations = subsets(tiles.sensors) if job.combinations == "all" else (tiles.sensors,)
    temperatures = {"raw": {}, "card": {row.sensors: row.temperature for row in card.calibration}}
    if validation is not None:
        parts_of = (part(sample) for sample in validation)
        rows = calibrate(network, parts_of, combinations, sum(validation.labelled().values()))
        temperatures["fitted"] = {row.sensors: row.temperature for row in rows}
    seen: list[Place] = []
    with ErrorMap(job, card, tiles) as errors:

        def parts() -> Iterator[Part]:
            for sample in tiles:
                seen.append(sample.place)
                errors.next(sample)
                yield part(sample)

        found = measure(network, parts(), combinations, tiles.blocks, temperatures, ablate=True, record=errors.record)
        feedback.check()
        result = _report(job, package, tiles, found, temperatures, feedback) | errors.result()
    if output.suffix == ".html":
        text = report.page(result, list(_examples(network, card, tiles, seen, result)))
    else:
        text = json.dumps(result, indent=1, allow_nan=False) + "\n"
    _write(output, text)
    return result


def _check(job: EvaluateJob, output: Path) -> None:
    if output.suffix.lower() not in FORMATS:
        raise BadInput(f"Report {output} (--output) must end in {' or '.join(FORMATS)}.", "Change its name.")
    if bool(job.scenes) == bool(job.sources):
        raise BadInput(
            "Accuracy is measured on layers with --reference, or on the test scenes of --scenes: on one of the two.",
            "Give layers and --reference F, or --scenes manifest.json.",
        )
    if job.sources and not job.reference:
        raise BadInput("Layers need a reference to be compared with.", "Give --reference F.")
    if job.options.threads is not None and job.options.threads < 1:
        raise BadInput(f"--threads {job.options.threads} must be 1 or more.", "Correct --threads.")
    if job.scenes and job.reference:
        raise BadInput("The scenes of a manifest name their own labels.", "Leave --reference out.")
    if job.scenes and (job.areas or job.errors):
        option = "--areas" if job.areas else "--errors"
        raise BadInput(f"{option} goes with layers; the scenes of a manifest have roles.", f"Leave {option} out.")
    if job.role not in ROLES:
        raise BadInput(f"--role {job.role} must be one of {', '.join(ROLES)}.", "Correct --role.")
    if job.role != EvaluateJob.role and not job.areas:
        raise BadInput(f"--role {job.role} is of areas, and none are given.", "Give --areas F.")
    if job.errors and Path(job.errors).suffix.lower() not in RASTER_SUFFIXES:
        raise BadInput(f"Raster {job.errors} (--errors) must end in {RASTER_SUFFIXES[0]}.", "Change its name.")
    _check_no_inputs(job)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output.parent):
            pass
    except OSError as error:
        raise _unwritable(output, error) from None


def _check_no_inputs(job: EvaluateJob) -> None:
    """Raise BadInput when the report or the raster of errors would replace a file that is read."""
    files = [source.path for source in job.sources]
    files += [job.reference, job.scenes, job.class_map, job.labelled_area, job.areas, job.area.polygons]
    check_no_input(job.output, f"Report {job.output} (--output)", files)
    if job.errors:
        check_no_input(job.errors, f"Raster {job.errors} (--errors)", files)


def _data(job: EvaluateJob, card: Card, feedback: JobFeedback) -> tuple[LabelledTiles, LabelledTiles | None]:
    """Return what to measure on, and the manifest's validation scenes, if it has any."""
    from ..data.chips import Scene, read_manifest  # here, not above: training loads without GDAL
    from ..data.drawn import BACKGROUND_NAME, LabelSource
    from ..data.labelled import LabelledTiles, known_sensors
    from ..data.labels import of_model
    from ..data.reference import opener

    source = LabelSource(
        job.reference, job.class_field, job.radius, job.labelled_area, job.background or BACKGROUND_NAME
    )
    opened = opener(source, of_model(card, job.class_map), job.areas, job.role)
    scenes = [Scene(job.sources, job.reference, "test")]
    if job.scenes:
        scenes = known_sensors(read_manifest(Path(job.scenes), "test"), card, feedback)
    found = {}
    for role in ("test", "validation"):
        of_role = [scene for scene in scenes if scene.role == role]
        if of_role:
            found[role] = LabelledTiles(
                of_role,
                card,
                area=job.area,
                options=job.options,
                opener=opened,
                stage=role,
                feedback=feedback,
            )
    for text in found["test"].warnings:
        feedback.warn(text)
    return found["test"], found.get("validation")


# --- the report --------------------------------------------------------------------------------------------------


def _report(
    job: EvaluateJob,
    package: Package,
    tiles: LabelledTiles,
    found: Measurement,
    temperatures: Mapping[str, Mapping[Sensors, float]],
    feedback: JobFeedback,
) -> dict[str, Any]:
    card, rows = package.card, found.combinations
    keys, largest = tiles.sensors, max(rows, key=len)
    miou = {sensors: scores(tally.matrix).miou for sensors, tally in rows.items()}
    whole = summary(miou, keys)
    if len(miou) < 2 ** len(keys) - 1:
        whole["expected"] = None  # it weighs every combination
    draws = resampled({sensors: tally.matrices for sensors, tally in rows.items()})
    truth = rows[largest].matrix.sum(1)
    _warn(card, rows, truth, draws is not None, feedback)
    if _trained_on(card, job.reference) and not _held_out(job, package, tiles):
        feedback.warn(
            "The model was trained on labels of this file: on that ground it looks better than it is. Measure where it "
            "was not trained, with --areas or --area."
        )
    spread = None
    if draws is not None:
        spread = {"level": LEVEL, "resamples": RESAMPLES, **intervals(draws, keys)}
        spread["expected"] = spread["expected"] if whole["expected"] else None
    return _rounded(
        {
            "model": {"id": card.id, "title": card.title, "path": str(package.path), "sha256": card.weights_sha256},
            "data": {
                "scenes": len(tiles.scenes),
                "source": job.scenes or job.reference,
                "layers": {source.modality: source.path for source in job.sources},
                "area": _area(job),
                "class_map": job.class_map,
                "sensors": list(keys),
                "resolution_m": tiles.resolution,
                "blocks": {"kind": tiles.block_kind, "count": tiles.blocks},
            },
            "classes": [
                {"id": info.id, "name": info.name, "color": info.color, "pixels": int(pixels)}
                for info, pixels in zip(card.classes, truth, strict=True)
            ],
            "combinations": [_row(card, sensors, tally, temperatures) for sensors, tally in rows.items()],
            **whole,
            "intervals": spread,
            "ablations": _ablations(found, largest),
            "warnings": list(feedback.warnings),
        }
    )


def _row(
    card: Card, sensors: Sensors, tally: Tally, temperatures: Mapping[str, Mapping[Sensors, float]]
) -> dict[str, Any]:
    """Return one combination. ece: of the confidences that the model gives; raw, fitted: without and with a new fit."""
    names = [info.name for info in card.classes]
    found, matrix = scores(tally.matrix), tally.matrix
    return {
        "sensors": list(sensors),
        "miou": found.miou,
        "iou": {names[k]: value for k, value in found.iou.items()},
        "f1": {names[k]: value for k, value in found.f1.items()},
        "ece": ece(tally.reliability["card"]),
        "accuracy": float(np.trace(matrix) / max(matrix.sum(), 1)),
        "pixels": int(matrix.sum()),
        "trained_on": sensors in card.trained_on,
        "calibration": {
            name: {"temperature": by_sensors.get(sensors, 1.0), "ece": ece(tally.reliability[name])}
            for name, by_sensors in temperatures.items()
        },
        "confusion": matrix.tolist(),
        "reliability": {name: table.tolist() for name, table in tally.reliability.items()},
    }


def _ablations(found: Measurement, sensors: Sensors) -> list[dict[str, Any]]:
    """Return how much mIoU is lost when the fusion's weights are replaced; the interval is of the loss."""
    plain = found.combinations[sensors]
    rows = []
    for name, tally in found.ablations.items():
        draws = resampled({("plain",): plain.matrices, ("replaced",): tally.matrices})
        miou = scores(tally.matrix).miou
        rows.append(
            {
                "weights": name,
                "sensors": list(sensors),
                "miou": miou,
                "loss": scores(plain.matrix).miou - miou,
                "interval": interval(draws[("plain",)] - draws[("replaced",)]) if draws else None,
            }
        )
    return rows


def _trained_on(card: Card, reference: str) -> bool:
    """Tell whether the card names the reference's file as that of the training labels."""
    labels = _trained_with(card).get("labels")
    return bool(reference and isinstance(labels, str) and same(labels) == same(reference))


def _trained_with(card: Card) -> dict[str, Any]:
    """Return what the card says of the training's data; {} where it says nothing that can be read."""
    data = card.provenance.get("data")
    found = data.get("train") if isinstance(data, dict) else None
    return found if isinstance(found, dict) else {}


def _held_out(job: EvaluateJob, package: Package, tiles: LabelledTiles) -> bool:
    """Tell whether it was measured in areas that share no ground with those that the model was trained in.

    Where these cannot be read any more, nobody knows: False.
    """
    from ..data.areas import apart

    areas = _trained_with(package.card).get("areas")
    own = areas_file(package.path) if areas == PROPOSED else Path(str(areas))
    try:
        return bool(job.areas) and own.is_file() and apart(job.areas, job.role, str(own), tiles.scenes[0].plan.grid)
    except BadInput:
        return False


def _area(job: EvaluateJob) -> str:
    """Return in words where it was measured; "" for all of the layers."""
    extent = job.area.extent and f"extent {','.join(f'{side:.10g}' for side in job.area.extent)}"
    areas = f"{job.role} areas of {job.areas}" if job.areas else ""
    return " and ".join(filter(None, (areas, job.area.polygons, extent)))


def _warn(card: Card, rows: Mapping[Sensors, Tally], truth: np.ndarray, enough: bool, feedback: JobFeedback) -> None:
    """Tell what makes the numbers mean less than they seem to."""
    missing = [info.name for info, pixels in zip(card.classes, truth, strict=True) if not pixels]
    if (truth > 0).sum() == 1:
        feedback.warn(f"The reference holds one class only, {card.classes[int(truth.argmax())].name}.")
    elif missing:
        feedback.warn(f"The reference holds no {', '.join(missing)}: what is mapped as such counts as wrong.")
    if len({int(tally.matrix.sum()) for tally in rows.values()}) > 1:
        feedback.warn("Not every combination was measured on the same pixels: some sensors cover less than others.")
    if not enough:
        feedback.warn("There are too few places with labels for confidence intervals.")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, (list, tuple)) else value


# --- example pictures --------------------------------------------------------------------------------------------


def _examples(
    network: Network, card: Card, tiles: LabelledTiles, seen: Sequence[Place], result: dict[str, Any]
) -> Iterator[Example]:
    """Yield tiles spread evenly over the data, mapped with all sensors and with the worst one alone."""
    rows = [tuple(row["sensors"]) for row in result["combinations"]]
    miou = {sensors: row["miou"] for sensors, row in zip(rows, result["combinations"], strict=True)}
    every = max(rows, key=len)
    worst = min((part for part in rows if len(part) == 1), key=miou.get, default=every)
    chosen = np.unique(np.linspace(0, len(seen) - 1, min(_EXAMPLES, len(seen))).round().astype(int))
    for sample in tiles.samples([seen[i] for i in chosen]):
        place = sample.place
        core = np.s_[
            place.core.row - place.window.row : place.core.row - place.window.row + place.core.height,
            place.core.col - place.window.col : place.core.col - place.window.col + place.core.width,
        ]
        maps = predicted(network, part(sample), (every, worst))
        yield Example(
            picture=view(card.modalities, sample.values, sample.affine, sample.valid)[core],
            reference=sample.labels[core],
            maps=tuple((titles(sensors), found[core]) for sensors, found in zip((every, worst), maps, strict=True)),
        )


# --- files -------------------------------------------------------------------------------------------------------


def _write(path: Path, text: str) -> None:
    """Write under a temporary name and rename: a report is whole or not there. Raises BadInput."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from None


def _unwritable(path: Path, error: OSError) -> BadInput:
    return BadInput(f"Report {path} cannot be written ({error.strerror}).", "Choose another place with --output.")
