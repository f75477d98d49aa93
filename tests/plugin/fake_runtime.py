#!/usr/bin/python3
"""Stands in for the runtime's Python in tests: takes the worker's command line, speaks protocol 1, computes nothing.

Knobs, read from the environment: SGMA_FAKE_PROTOCOL (number in `ready`), SGMA_FAKE_START (die | hang | wordy),
SGMA_FAKE_FAIL (bad_input | crash), SGMA_FAKE_SLEEP (seconds a tile), SGMA_FAKE_DEAF (ignores cancel and SIGTERM),
SGMA_FAKE_MUTE (closes stdout when it is to cancel, and lives on).
"""

import json
import os
import queue
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

OUT = os.fdopen(os.dup(1), "wb")
CANCEL = threading.Event()


def send(**event):
    OUT.write(json.dumps(event).encode() + b"\n")
    OUT.flush()


def read(requests):
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if request["type"] == "cancel" and not os.environ.get("SGMA_FAKE_DEAF"):
            CANCEL.set()
            if os.environ.get("SGMA_FAKE_MUTE"):
                OUT.close()
                os.close(1)
        elif request["type"] == "quit":
            break
        else:
            requests.put(request)
    os._exit(0)


def raster(path, bands, kind, value, nodata, block, names=()):
    from osgeo import gdal, osr

    gdal.UseExceptions()
    data = gdal.GetDriverByName("GTiff").Create(path, 40, 30, bands, kind)
    data.SetGeoTransform((500000, 1, 0, 4600000, 0, -1))
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32616)
    data.SetProjection(crs.ExportToWkt())
    for i in range(1, bands + 1):
        band = data.GetRasterBand(i)
        band.Fill(value)
        band.SetNoDataValue(nodata)
        if block:
            band.WriteRaster(0, 0, 20, 30, bytes([block]) * 600)
        if names:
            band.SetDescription(names[i - 1])
    data = None


def vector(path):
    from osgeo import ogr, osr

    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32616)
    data = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = data.CreateLayer("polygons", crs, ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("class_id", ogr.OFTInteger))
    layer.CreateField(ogr.FieldDefn("class_name", ogr.OFTString))
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetField("class_id", 1)
    feature.SetField("class_name", "tree")
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POLYGON((0 0,0 9,9 9,9 0,0 0))"))
    layer.CreateFeature(feature)
    feature = None  # in this order: what belongs to another goes first
    layer = None
    data = None


def segment(job, number):
    from osgeo import gdal

    outputs = {role: path for role, path in job["outputs"].items() if path}
    part = Path(outputs["classes"] + ".part")
    resumed = part.exists()
    if job["kind"] == "segment":
        part.mkdir(exist_ok=True)
        if not resumed:
            (part / "journal.jsonl").write_text(json.dumps({"digest": "a", "blocks": 4}) + "\n")
        for i in range(len(list(part.glob("classes_0_*.tif")))):
            send(type="block", id=number, path=str(part / f"classes_0_{i}.tif"), window=[0, 30 * i, 40, 30])
    for i in range(4):
        send(type="progress", id=number, stage="segment", done=i, total=4, rate=3.1, eta_s=9.0)
        if job["kind"] == "segment":
            block = str(part / f"classes_0_{i}.tif")
            raster(block, 1, gdal.GDT_Byte, 1, 255, 0)
            if "SGMA_FAKE_UNFINISHED" not in os.environ:
                with (part / "journal.jsonl").open("a") as journal:
                    journal.write(json.dumps({"key": f"0_{i}", "files": {}, "failed": []}) + "\n")
            send(type="block", id=number, path=block, window=[0, 30 * i, 40, 30])
        time.sleep(float(os.environ.get("SGMA_FAKE_SLEEP", "0.01")))
        if CANCEL.is_set():
            return send(type="cancelled", id=number)
    shutil.rmtree(part, ignore_errors=True)
    raster(outputs["classes"], 1, gdal.GDT_Byte, 0, 255, 1)
    for role, bands, value in (("confidence", 1, 80), ("availability", 1, 3), ("trust", 2, 50)):
        if role in outputs:
            raster(outputs[role], bands, gdal.GDT_Byte, value, 0 if role == "availability" else 255, 0, ("RGB", "NIR"))
    if "polygons" in outputs:
        vector(outputs["polygons"])
    send(type="log", id=number, level="warning", text="DSM is absent.")
    Path(outputs["classes"] + ".job.json").write_text(json.dumps(job))
    result = {
        "outputs": outputs,
        "grid": {
            "crs": "EPSG:32616",
            "transform": [1, 0, 5e5, 0, -1, 4.6e6],
            "width": 40,
            "height": 30,
            "resolution": 1.0,
        },
        "tiles_total": 4,
        "tiles_run": 1 if resumed else 3,
        "tiles_resumed": 3 if resumed else 1,
        "tiles_failed": 0,
        "device": "cpu",
        "backend": "torch",
        "warnings": ["DSM is absent."],
        "class_area_m2": {"not tree": 600.0, "tree": 600.0},
    }
    return send(type="done", id=number, result=result)


def check(job):
    """What the file names ask for: 'outside' lies outside, 'half' covers half, 'nearly' all but a rim.

    'shifted' is 2.3 px off, 'bad' fails, of 'unfit' the unit is in doubt.
    """
    facts = {"dtype": "uint8", "width": 60, "height": 40, "resolution": 1.0, "notes": ["unit guessed"], "warnings": []}
    units = {"dsm": "dsm", "sar": "db"}
    layers, states, coverage, shifts = [], {}, {}, []
    for source in job["sources"]:
        key, name = source["modality"], Path(source["path"]).stem
        state, share, text = "used", 1.0, ""
        if "outside" in name:
            state, share, text = "no_overlap", 0.0, f"NIR layer {source['path']} does not overlap RGB."
        elif "half" in name:
            state, share = "partial", 0.62
        elif "nearly" in name:
            state, share = "partial", 0.98
        elif "bad" in name:
            state, share, text = "unusable", 0.0, "It has 2 bands."
        elif key == "sar":
            share = 0.25
        coverage[key], states[key] = share, {"state": state, "coverage": share, "text": text}
        if "shifted" in name:
            shifts.append(
                {"key": key, "reference": "rgb", "measurable": True, "dx_px": 2.0, "dy_px": 1.1, "offset_px": 2.3,
                 "offset_m": 2.3, "quality": 0.8, "windows": 9, "warning": True, "text": "Shifted by 2.3 px."}
            )  # fmt: skip
        if state in ("used", "partial"):
            layers.append({**source, "bands": [1], "unit": source["unit"] or units.get(key, "dn8"), **facts})
            if "unfit" in name:
                layers[-1]["warnings"] = ["DSM: is this a surface model? --units dsm=dsm"]
    return {
        "grid": {"crs": "EPSG:32616", "width": 60, "height": 40, "resolution": 1.0} if layers else None,
        "layers": layers,
        "absent": [],
        "coverage": coverage,
        "trained_on": False,
        "warnings": ["The <model> was not trained on this."],
        "notes": [],
        "states": states,
        "registration": shifts,
        "tiles": {"run": 1 if job["area"]["extent"] or job["area"]["polygons"] else 4, "total": 4} if layers else None,
        "estimate": {"memory_bytes": 1.2e9, "memory_free_bytes": 8e9, "disk_bytes": 3e7, "text": "Needs 30 MB."}
        if layers
        else None,
        "tiles_per_s": 2.0,
        "eta_s": 2.0,
    }


def explain(job):
    sensors = {source["modality"] for source in job["sources"]}
    rows = [
        {"key": key, "title": key.upper(), "given": key in sensors, "present": key in sensors,
         "trust": 100.0 / len(sensors) if key in sensors else None, "bands": [1], "values": [50.0], "unit": "dn8",
         "read": [50.0], "read_unit": "dn8"}
        for key in ("rgb", "nir", "dsm", "sar")
    ]  # fmt: skip
    tree = {"id": 1, "name": "tree", "color": "#117733"}
    pixel = {"col": 1, "row": 2, "x": job["point"][0], "y": job["point"][1]}
    return {
        "class": tree, "confidence": 83.0, "nodata": False, "text": "", "tiles": 1, "pixel": pixel, "sensors": rows,
        "crs": "EPSG:32616", "probabilities": [{**tree, "percent": 83.0}],
    }  # fmt: skip


def difference(job):
    from osgeo import gdal

    raster(job["output"], 1, gdal.GDT_Byte, 0, 255, 1)
    change = {"from": 0, "to": 1, "from_name": "not tree", "to_name": "tree", "area_m2": 12345.0}
    return {
        "output": job["output"], "changed_percent": 50.0, "compared_m2": 1200.0, "changed_m2": 600.0,
        "only_first_m2": 0.0, "only_second_m2": 0.0, "changes": [change],
    }  # fmt: skip


def interact(job):
    """An overlay of 40 x 30 pixels of 1 m: the left half of the first class, the right of the second, less sure.

    SGMA_FAKE_CRASH_ONCE: a file; the worker that finds it deletes it and is killed.
    """
    from osgeo import gdal

    crash = Path(os.environ.get("SGMA_FAKE_CRASH_ONCE") or "/nowhere")
    if crash.exists():
        crash.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    names = sorted({stroke["name"] for stroke in job["strokes"]})
    overlay = job["overlay"] if names else ""
    if overlay:
        raster(overlay, 2, gdal.GDT_Byte, 1, 255, 0)
        data = gdal.Open(overlay, gdal.GA_Update)
        data.GetRasterBand(1).WriteRaster(0, 0, 20, 30, bytes(600))
        data.GetRasterBand(2).WriteRaster(0, 0, 40, 30, (bytes([95]) * 20 + bytes([55]) * 20) * 30)
        data = None
        Path(overlay + ".job.json").write_text(json.dumps(job))
    window = {"col": 0, "row": 0, "width": 40, "height": 30}
    return {
        "overlay": overlay,
        "grid": {"crs": "EPSG:32616", "window": window, "bounds": [500000, 4599970, 500040, 4600000]},
        "classes": [{"id": i, "name": name, "color": "#777777"} for i, name in enumerate(names)],
        "pixels": {name: 50 for name in names},
        "sensors": [source["modality"] for source in job["sources"]],
        "model": "" if job["model"] == "none" else job["model"],
        "seconds": {"features": 0.0, "fit": 0.0, "map": 0.0},
        "warnings": [],
    }


def main():
    start = os.environ.get("SGMA_FAKE_START", "")
    if os.environ.get("SGMA_FAKE_DEAF"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if start == "die":
        sys.stderr.write("ModuleNotFoundError: No module named 'torch'\n")
        return 1
    if start == "wordy":
        OUT.write(b"a library says hello\n" * 1000 + b"\x00\xff" + b"x" * (9 << 20) + b"\n")
        sys.stderr.write("noise " * (1 << 20))
    requests = queue.Queue()
    threading.Thread(target=read, args=(requests,), daemon=True).start()
    if start == "hang":
        time.sleep(600)
    while True:
        request = requests.get()
        if request["type"] == "hello":
            send(
                type="ready", protocol=int(os.environ.get("SGMA_FAKE_PROTOCOL", "1")), devices=["cpu"], extra="ignored"
            )
            continue
        number, job, fail = request["id"], request["job"], os.environ.get("SGMA_FAKE_FAIL", "")
        CANCEL.clear()
        send(type="started", id=number)
        if fail == "crash":
            sys.stderr.write("Killed by a test\n")
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        elif fail == "bad_input":
            send(
                type="failed",
                id=number,
                code="bad_input",
                message="The RGB layer has 2 bands.",
                hint="Give one with 3.",
            )
        elif job["kind"] in ("segment", "preview"):
            segment(job, number)
        elif job["kind"] == "explain":
            send(type="done", id=number, result=explain(job))
        elif job["kind"] == "difference":
            send(type="done", id=number, result=difference(job))
        elif job["kind"] == "interact":
            send(type="done", id=number, result=interact(job))
        elif job["kind"] == "check":
            send(type="done", id=number, result=check(job))
        else:
            time.sleep(float(job.get("sleep", 0)))
            send(type="done", id=number, result={"steps": job.get("steps", 0)})


if __name__ == "__main__":
    sys.exit(main())
