import pytest
import torch

from sgma_qgis.model.contract.job import Source
from sgma_qgis.model.contract.learning import TrainJob
from sgma_qgis.model.feedback import JobFeedback
from sgma_qgis.model.training.open_data import open_training_data
from tests.training.layer_place import write_place


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)
    torch.set_num_threads(1)  # tensors are tiny


@pytest.fixture
def feedback():
    return JobFeedback("test", lambda event: None)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Layers, labels and areas: see `layer_place`."""
    folder = tmp_path_factory.mktemp("place")
    write_place(folder)
    return folder


@pytest.fixture
def opened(place, feedback, tmp_path):
    """Open data as `train` does; options are those of a TrainJob."""

    def open_(layers=("rgb", "nir", "dsm"), labels="labels.tif", areas="areas.gpkg", base=None, crop=32, **more):
        def path(name):
            return str(place / name) if name else ""

        job = TrainJob(
            "small",
            str(tmp_path / "model"),
            tuple(
                Source(key, path(f"{key}.tif"), unit={"dsm": "ndsm"}.get(key, "dn16")) if isinstance(key, str) else key
                for key in layers
            ),
            path(labels),
            areas=path(areas),
            tile=more.pop("tile", 128),
            **more,
        )
        return open_training_data(job, base, crop=crop, scales=(0.7, 1.5), work=tmp_path / "work", feedback=feedback)

    return open_
