"""Layers that are no files become pictures: at the right place and size, with gaps where nothing came."""

import http.server
import struct
import threading
import time
import zlib

import pytest
from osgeo import gdal
from plugin_support import Recorder, make_raster
from qgis.core import QgsCoordinateReferenceSystem, QgsRasterLayer, QgsRectangle
from qgis.PyQt.QtCore import QCoreApplication

from sgma_qgis import rendering, tasks
from sgma_qgis.model.contract.errors import BadInput, Cancelled, OutputFailed

pytestmark = pytest.mark.usefixtures("qgis_app")
UTM = QgsCoordinateReferenceSystem("EPSG:32632")
EXTENT = QgsRectangle(500_000, 5_300_000, 500_600, 5_300_400)


def png(red, green, blue, size=256):
    rows = zlib.compress((b"\0" + bytes((red, green, blue)) * size) * size)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture()
def tiles():
    """A server of plain tiles on this machine; `fails(x, y)` and `wait` change what it does."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            _, x, y = self.path.strip("/").partition(".")[0].split("/")
            server.asked += 1
            time.sleep(server.wait)
            if server.fails(int(x), int(y)):
                self.send_error(404)
                return
            body = png(200, 100, 50)
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *rest):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.asked, server.wait, server.fails = 0, 0.0, lambda x, y: False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def basemap(server):
    url = f"http://127.0.0.1:{server.server_port}/%7Bz%7D/%7Bx%7D/%7By%7D.png"
    layer = QgsRasterLayer(f"type=xyz&url={url}&zmin=0&zmax=19", "Basemap", "wms")
    assert layer.isValid()
    return layer


def written(made, feedback):
    """Write in a thread while the event loop runs, as in QGIS; return the path or the error."""
    found = []

    def go():
        try:
            found.append(made.write(feedback))
        except Exception as error:  # noqa: BLE001  whatever it is, it is to be seen here
            found.append(error)

    thread = threading.Thread(target=go)
    thread.start()
    longest, last = 0.0, time.monotonic()
    while thread.is_alive():
        QCoreApplication.processEvents()
        time.sleep(0.005)
        now = time.monotonic()
        longest, last = max(longest, now - last), now
    return found[0], longest


def test_a_basemap_becomes_a_geotiff(tiles, tmp_path):
    made = rendering.prepare(basemap(tiles), EXTENT, UTM, 0.5, str(tmp_path / "picture.tif"))
    assert (made.width, made.height) == (1201, 801)  # ground metres: UTM's are 0.9996 of them here
    assert "8-bit" in made.warning
    feedback = Recorder()
    path, longest = written(made, feedback)
    assert path == str(tmp_path / "picture.tif")
    assert longest < 1.0  # Python is not held up
    data = gdal.Open(path)
    assert (data.RasterXSize, data.RasterYSize, data.RasterCount) == (1201, 801, 4)
    assert [data.GetRasterBand(band).Checksum() > 0 for band in range(1, 5)] == [True] * 4
    assert [data.GetRasterBand(band).ReadRaster(600, 400, 1, 1)[0] for band in range(1, 5)] == [200, 100, 50, 255]
    left, size, _, top, _, down = data.GetGeoTransform()
    assert (left, top) == (500_000, 5_300_400)
    assert (size, down) == (pytest.approx(0.5, rel=2e-3), pytest.approx(-0.5, rel=2e-3))
    assert feedback.fractions == sorted(feedback.fractions)
    assert not [level for level, _ in feedback.logs if level == "warning"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["picture.tif"]


def test_tiles_that_do_not_come_are_clear_and_told(tiles, tmp_path):
    tiles.fails = lambda x, y: (x + y) % 4 == 0
    feedback = Recorder()
    path, _ = written(rendering.prepare(basemap(tiles), EXTENT, UTM, 0.5, str(tmp_path / "p.tif")), feedback)
    data = gdal.Open(path)
    assert set(data.GetRasterBand(4).ReadRaster()) == {0, 255}
    (warning,) = [text for level, text in feedback.logs if level == "warning"]
    assert "% of the picture of Basemap did not come" in warning


def test_a_server_that_gives_nothing(tiles, tmp_path):
    tiles.fails = lambda x, y: True
    error, _ = written(rendering.prepare(basemap(tiles), EXTENT, UTM, 0.5, str(tmp_path / "p.tif")), Recorder())
    assert isinstance(error, OutputFailed)
    assert "Basemap" in str(error)
    assert list(tmp_path.iterdir()) == []


def test_cancelled_while_a_server_hangs(tiles, tmp_path):
    tiles.wait = 4.0
    made = rendering.prepare(basemap(tiles), EXTENT, UTM, 0.5, str(tmp_path / "p.tif"))
    heard = []
    task = tasks.Task("Render", made.write)
    task.failed.connect(heard.append)
    task.succeeded.connect(heard.append)
    tasks.start(task)
    began = time.monotonic()
    while not tiles.asked:
        QCoreApplication.processEvents()
    task.cancel()
    while not heard:
        QCoreApplication.processEvents()
    assert isinstance(heard[0], Cancelled)
    assert time.monotonic() - began < 3.5
    assert list(tmp_path.iterdir()) == []


def test_which_layers_are_no_files(tiles, tmp_path):
    gdal.GetDriverByName("GTiff").CreateCopy(
        "/vsimem/a.tif", gdal.Open(make_raster(tmp_path / "a.tif", 3))
    ).FlushCache()
    assert rendering.is_fileless(basemap(tiles))
    assert rendering.is_fileless(QgsRasterLayer("/vsimem/a.tif", "memory"))
    assert not rendering.is_fileless(QgsRasterLayer(str(tmp_path / "a.tif"), "file"))
    path, _ = written(
        rendering.prepare(
            QgsRasterLayer("/vsimem/a.tif", "memory"),
            QgsRectangle(500_000, 4_599_960, 500_060, 4_600_000),
            QgsCoordinateReferenceSystem("EPSG:32616"),
            1.0,
            str(tmp_path / "b.tif"),
        ),
        Recorder(),
    )
    assert gdal.Open(path).RasterCount == 4
    gdal.Unlink("/vsimem/a.tif")


def test_nothing_to_draw(tiles):
    with pytest.raises(BadInput, match="empty"):
        rendering.prepare(basemap(tiles), QgsRectangle(1, 1, 1, 1), UTM, 0.5)
    with pytest.raises(BadInput, match="not valid"):
        rendering.prepare(QgsRasterLayer("/none.tif", "gone"), EXTENT, UTM, 0.5)
