"""A job as text: the command line, and the call of QGIS's Processing, that repeat it from any folder."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple, Union

from .job import SegmentJob
from .learning import TrainJob
from .modality import MODALITIES
from .store import is_path

PROGRAM = ("python", "-m", "sgma_qgis.model")
PROCESS = "qgis_process"

#: Options that are numbers, and those that are names with 'auto' as default; an option of Processing is in capitals.
_NUMBERS = ("resolution", "tile", "overlap", "batch", "threads", "min_area", "simplify")
_NAMES = ("device", "backend", "precision")


def absolute(job: SegmentJob) -> SegmentJob:
    """Return the job with every local path in full: it means the same in any folder."""
    return replace(
        job,
        sources=tuple(replace(source, path=_absolute(source.path)) for source in job.sources),
        model=_model(job),
        strokes=_absolute(job.strokes) if job.strokes else "",
        save_model=_absolute(job.save_model) if job.save_model else "",
        area=replace(job.area, polygons=_absolute(job.area.polygons) if job.area.polygons else ""),
        outputs=replace(job.outputs, **{role: _absolute(path) for role, path in job.outputs.paths().items()}),
    )


def segment_arguments(job: SegmentJob) -> List[str]:
    """Return the `segment` command line of the job, without the interpreter."""
    argv = ["segment", "--model", _model(job)]
    if job.strokes:
        argv += ["--strokes", _absolute(job.strokes)]
        argv += ["--class-field", job.class_field] if job.class_field else []
        argv += ["--save-model", _absolute(job.save_model), "--overwrite"] if job.save_model else []
    for key, path, bands in _layers(job):
        argv += [f"--{key}", path]
        if bands:
            argv += [f"--{key}-bands", bands]
    for name, text in _by_sensor(job).items():
        argv += [f"--{name}", text]
    if job.area.polygons:
        argv += ["--area", _absolute(job.area.polygons)]
    if job.area.extent:
        argv += [f"--extent={','.join(map(repr, job.area.extent))}"]
        if job.area.extent_crs and job.area.extent_crs != job.options.crs:
            argv += ["--extent-crs", job.area.extent_crs]
    if job.options.crs:
        argv += ["--crs", job.options.crs]
    for name, value in _given(job, _NUMBERS + _NAMES).items():
        argv += [f"--{name.replace('_', '-')}", value]
    if not job.options.resume:
        argv.append("--no-resume")
    for role, path in job.outputs.paths().items():
        argv += ["--output" if role == "classes" else f"--{role}", _absolute(path)]
    return argv


def process_arguments(job: SegmentJob) -> List[str]:
    """Return the parameters of `sgma:segment`, or by strokes of `sgma:segmentfromstrokes`, that repeat the job.

    Processing leaves the backend to the engine.
    """
    argv = [f"MODEL={_model(job)}"]
    if job.strokes:
        argv.append(f"STROKES={_absolute(job.strokes)}")
        argv += [f"CLASS_FIELD={job.class_field}"] if job.class_field else []
        argv += [f"SAVE_MODEL={_absolute(job.save_model)}", "OVERWRITE=true"] if job.save_model else []
    for key, path, bands in _layers(job):
        argv.append(f"{key.upper()}={path}")
        if bands:
            argv.append(f"{key.upper()}_BANDS={bands}")
    argv += [f"{name.upper()}={text}" for name, text in _by_sensor(job).items()]
    if job.area.polygons:
        argv.append(f"MASK={_absolute(job.area.polygons)}")
    if job.area.extent:
        xmin, ymin, xmax, ymax = map(repr, job.area.extent)
        crs = f" [{job.area.extent_crs}]" if job.area.extent_crs else ""
        argv.append(f"EXTENT={xmin},{xmax},{ymin},{ymax}{crs}")
    if job.options.crs:
        argv.append(f"TARGET_CRS={job.options.crs}")
    numbers = _given(job, (*_NUMBERS, "device", "precision"))
    argv += [f"{name.upper()}={value}" for name, value in numbers.items()]
    if not job.options.resume:
        argv.append("RESUME=false")
    for role, path in job.outputs.paths().items():
        argv.append(f"{'OUTPUT' if role == 'classes' else f'OUTPUT_{role.upper()}'}={_absolute(path)}")
    return [f"--{text}" for text in argv]


def command_line(job: SegmentJob) -> str:
    """Return the command line as a shell of this system takes it."""
    return _quoted([*PROGRAM, *segment_arguments(job)])


def qgis_process_line(job: SegmentJob, program: str = PROCESS) -> str:
    """Return the call of qgis_process as a shell of this system takes it. program: what it is called there."""
    name = "sgma:segmentfromstrokes" if job.strokes else "sgma:segment"
    return _quoted([program, "run", name, *process_arguments(job)])


def finetune_line(job: TrainJob, program: str = PROCESS) -> str:
    """Return the call of `sgma:finetune` that trains as the job does, for a shell of this system; the title is left.

    program: what qgis_process is called there.
    """
    given: Dict[str, Any] = {
        "LABELS": _absolute(job.labels),
        "CLASS_FIELD": job.class_field,
        "CLASS_MAP": job.class_map,
        "POINT_RADIUS": job.radius,
        "LABELLED_AREA": _absolute(job.labelled_area) if job.labelled_area else "",
        "AREAS": _absolute(job.areas) if job.areas else "",
        "BASE_MODEL": _absolute(job.base) if is_path(job.base) else job.base,
        "STRATEGY": job.strategy,
        **{name.upper(): value for name, value in job.recipe.items()},
        "TARGET_CRS": job.options.crs,
        **{name.upper(): value for name, value in _given(job, ("resolution", "device", "threads")).items()},
    }
    argv = []
    for key, path, bands in _layers(job):
        argv += [f"{key.upper()}={path}", *([f"{key.upper()}_BANDS={bands}"] if bands else [])]
    argv += [f"{name.upper()}={text}" for name, text in _by_sensor(job).items()]
    argv += [f"{name}={value}" for name, value in given.items() if value not in (None, "")]
    argv += [] if job.options.resume else ["RESUME=false"]
    argv.append(f"OUTPUT={_absolute(job.output)}")
    return _quoted([program, "run", "sgma:finetune", *(f"--{text}" for text in argv)])


def _quoted(argv: Sequence[str]) -> str:
    return subprocess.list2cmdline(argv) if os.name == "nt" else shlex.join(argv)


def _model(job: SegmentJob) -> str:
    return _absolute(job.model) if is_path(job.model) else job.model


def _layers(job: Union[SegmentJob, TrainJob]) -> List[Tuple[str, str, str]]:
    """Return (modality key, path, bands as '4,3,2' or '') in registry order."""
    return [
        (source.modality, _absolute(source.path), ",".join(map(str, source.bands)))
        for modality in MODALITIES
        for source in job.sources
        if source.modality == modality.key
    ]


def _by_sensor(job: Union[SegmentJob, TrainJob]) -> Dict[str, str]:
    """Return the options that hold something for each sensor: units and nodata values."""
    sources = sorted(job.sources, key=lambda source: [m.key for m in MODALITIES].index(source.modality))
    found = {
        "units": [f"{source.modality}={source.unit}" for source in sources if source.unit],
        "nodata": [f"{source.modality}={source.nodata!r}" for source in sources if source.nodata is not None],
    }
    return {name: ",".join(parts) for name, parts in found.items() if parts}


def _given(job: Union[SegmentJob, TrainJob], names: Sequence[str]) -> Dict[str, str]:
    """Return the options of these names that are not left to the default."""
    values: Dict[str, Any] = {name: getattr(job.options, name) for name in names}
    return {
        name: value if isinstance(value, str) else repr(value)
        for name, value in values.items()
        if value not in (None, "auto")
    }


def _absolute(path: str) -> str:
    """Return a local path in full; what is no file here, such as /vsizip/..., stays as it is."""
    return path if path.startswith("/vsi") else str(Path(path).expanduser().absolute())
