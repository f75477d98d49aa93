"""What the plugin tests share."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

FAKE = Path(__file__).with_name("fake_runtime.py")


@dataclass(frozen=True)
class EchoJob:
    """The worker's test job: reports progress, then ends as `fail` says."""

    steps: int = 5
    sleep: float = 0.02
    fail: str = ""
    kind: str = "echo"


class Recorder:
    """A service.Feedback that remembers; `cancel_after` progress reports it wants to stop."""

    def __init__(self, cancel_after=None):
        self.texts, self.fractions, self.logs, self.blocks = [], [], [], []
        self.measures, self.pictures, self.asked = [], [], []
        self.cancel_after = cancel_after
        self.waits = 0

    def progress(self, fraction, text):
        self.fractions.append(fraction)
        self.texts.append(text)

    def log(self, level, text):
        self.logs.append((level, text))

    def block(self, path, window):
        self.blocks.append((path, window))

    def metrics(self, epoch, step, values):
        self.measures.append((epoch, step, values))

    def example(self, path):
        self.pictures.append(path)

    def requests(self):
        asked, self.asked = self.asked, []
        return asked

    def is_cancelled(self):
        return self.cancel_after is not None and len(self.texts) > self.cancel_after

    def wait(self):
        self.waits += 1


def gone(pid, seconds=15):
    """Return whether the process ends within that time (a zombie has ended)."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def make_card():
    """A card of two classes and four sensors."""
    from sgma_qgis.model.contract.card import Accuracy, Card, ClassInfo, ModalityStats, NetworkSpec
    from sgma_qgis.model.contract.modality import MODALITIES

    def stats(m):
        n = len(m.bands)
        return ModalityStats(m.key, m.bands, m.units[0], (0.0,) * n, (255.0,) * n, (100.0,) * n, (50.0,) * n)

    return Card(
        id="test-trees",
        title="Trees <for tests> é",
        classes=(ClassInfo(0, "not tree", "#dddddd"), ClassInfo(1, "tree", "#117733")),
        modalities=tuple(stats(m) for m in MODALITIES),
        network=NetworkSpec("small", "semantic_guided"),
        gsd=(0.3, 0.6, 1.2),
        tile=128,
        weights_file="weights.safetensors",
        weights_sha256="0" * 64,
        accuracy=(Accuracy("test data", "test", ("rgb", "nir"), 0.71),),
    )


def make_raster(path, bands, gdal_type="Byte", size=(60, 40), epsg=32616, value=50):
    """Write a small GeoTIFF and return its path as text."""
    from osgeo import gdal, osr

    data = gdal.GetDriverByName("GTiff").Create(str(path), *size, bands, gdal.GetDataTypeByName(gdal_type))
    data.SetGeoTransform((500000, 1, 0, 4600000, 0, -1))
    if epsg:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        data.SetProjection(crs.ExportToWkt())
    for i in range(bands):
        data.GetRasterBand(i + 1).Fill(value + i)
    data = None  # closes the file
    return str(path)
