"""The data of a training job: a person's own layers with labels, or the scenes of a manifest."""

from __future__ import annotations

import math
from pathlib import Path

from ..contract.card import Card
from ..contract.errors import BadInput
from ..contract.learning import TrainJob
from ..contract.store import CARD_FILE
from ..feedback import JobFeedback
from . import package
from .chipset import open_chips
from .dataset import TrainingData
from .layer_data import LayerData

CHIP = 256  # least side of cached chips


def open_training_data(
    job: TrainJob, base: Card | None, *, crop: int, scales: tuple[float, float], work: Path, feedback: JobFeedback
) -> TrainingData:
    """Open and check the labelled data of a job.

    base: the card of the model that training starts from. crop: side of crops in pixels; scales: least and most
    relative resolution of them. work: a folder for caches. Raises BadInput for anything that training cannot use.
    """
    from ..data.drawn import BACKGROUND_NAME, LabelSource  # here, not above: training loads without GDAL
    from ..data.labels import read
    from ..data.place import open_place
    from ..data.request import Request

    check(job, base)
    labels = LabelSource(
        job.labels,
        job.class_field,
        job.radius,
        job.labelled_area,
        job.background or BACKGROUND_NAME,
        role="Label layer",
    )
    gsd = job.gsd or (base.gsd if base else None)
    if not job.scenes:
        tile = job.tile or (base.tile if base else 512)
        request = Request(job.sources, labels, crop, tile, job.class_map, job.areas, base, gsd, job.options)
        return LayerData(open_place(request, feedback), feedback)
    from ..data.chips import make_chips

    make_chips(
        Path(job.scenes),
        work,
        gsd=gsd,
        side=max(CHIP, math.ceil(crop * scales[1])),  # crops of the coarsest resolution fit into a chip
        class_map=read(job.class_map, base) if job.class_map else None,
        feedback=feedback,
        labels=labels,
        base=base,
    )
    return open_chips(work)


def check(job: TrainJob, base: Card | None) -> None:
    """Raise BadInput when what says where labels are does not fit together; reads nothing."""
    if bool(job.scenes) == bool(job.sources or job.labels):
        raise BadInput(
            "A training has layers with --labels, or the scenes of --scenes: one of the two.",
            "Give layers and --labels F, or --scenes manifest.json.",
        )
    if not job.scenes and not (job.sources and job.labels):
        missing = "--labels F" if job.sources else "a layer, for example --rgb F"
        raise BadInput(f"A training needs layers and labels; {missing} is missing.", f"Give {missing}.")
    if job.scenes and job.areas:
        raise BadInput("The scenes of a manifest have roles of their own.", "Leave --areas out.")
    if job.scenes and job.labelled_area:
        raise BadInput("--labelled-area goes with --labels.", "Leave it out; labels of scenes can be rasters.")
    if job.scenes and job.gsd is None and base is None:
        raise BadInput(
            "Scenes of a manifest need --gsd MIN,TYP,MAX where no model is the base.", "For example --gsd 0.3,0.6,1.0."
        )
    if job.background and not job.labelled_area:
        raise BadInput("--background-class is of a --labelled-area, and none is given.", "Give --labelled-area F.")
    if job.radius is not None and not 0 <= job.radius < math.inf:
        raise BadInput(f"--point-radius {job.radius:g} must be 0 or more metres.", "Correct --point-radius.")


def check_areas_place(job: TrainJob, begun: bool) -> None:
    """Raise BadInput when areas that will be proposed would replace a file that belongs to no model of this name.

    begun: the training was, and may have written them when it was killed.
    """
    file = package.areas_file(Path(job.output))
    own = begun or (Path(job.output) / CARD_FILE).exists()
    if file.exists() and not (own or job.areas or job.scenes):
        raise BadInput(f"{file} is there already.", "Give it as --areas, or move it: proposed areas are kept there.")


def keep_areas(data: TrainingData, output: Path, feedback: JobFeedback) -> str:
    """Write areas that were proposed beside the model, so that accuracy can be measured on the same ground.

    Return the file, "" where areas were given, scenes have roles, or nothing is held out.
    """
    if not isinstance(data, LayerData) or not data.proposed or len(data.names) == 1:
        return ""
    path = package.areas_file(output)
    data.keep_areas(path)
    measured = ": with --areas accuracy is measured on the same ground" if "test" in data.names else ""
    feedback.info(f"The areas that were proposed are kept in {path}{measured}.")
    return str(path)
