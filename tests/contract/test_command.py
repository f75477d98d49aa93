"""A job as text: what a shell reads is the job again."""

import shlex

from sgma_qgis.model.contract.command import command_line, finetune_line, process_arguments, qgis_process_line
from sgma_qgis.model.contract.job import Area, Options, Outputs, SegmentJob, Source
from sgma_qgis.model.contract.learning import TrainJob

JOB = SegmentJob(
    sources=(Source("sar", "/d/b.tif"), Source("rgb", "/d/a ü.tif", (4, 3, 2), "dn8", 0.0)),
    model="town-demo",
    outputs=Outputs("/o/out.tif", trust="/o/trust.tif", polygons="/o/p.gpkg"),
    area=Area("/d/area.gpkg", (1.0, 2.0, 3.0, 4.0), "EPSG:4326"),
    options=Options(resolution=0.5, tile=256, resume=False, min_area=25.0, device="cpu"),
)


def test_the_command_line_is_the_job():
    argv = shlex.split(command_line(JOB))
    assert argv[:4] == ["python", "-m", "sgma_qgis.model", "segment"]
    pairs = dict(zip(argv, argv[1:]))
    assert pairs["--rgb"] == "/d/a ü.tif"
    assert pairs["--rgb-bands"] == "4,3,2"
    assert (pairs["--units"], pairs["--nodata"]) == ("rgb=dn8", "rgb=0.0")
    assert (pairs["--area"], pairs["--extent-crs"]) == ("/d/area.gpkg", "EPSG:4326")
    assert "--extent=1.0,2.0,3.0,4.0" in argv
    assert (pairs["--min-area"], pairs["--device"], pairs["--tile"]) == ("25.0", "cpu", "256")
    assert (pairs["--output"], pairs["--trust"], pairs["--polygons"]) == ("/o/out.tif", "/o/trust.tif", "/o/p.gpkg")
    assert "--no-resume" in argv
    assert argv.index("--rgb") < argv.index("--sar")
    assert not {"--batch", "--precision", "--backend", "--crs"} & set(argv)


def test_the_call_of_processing_is_the_job():
    argv = shlex.split(qgis_process_line(JOB))
    assert argv[:3] == ["qgis_process", "run", "sgma:segment"]
    assert qgis_process_line(JOB, "qgis_process.bin").startswith("qgis_process.bin run sgma:segment ")
    assert argv[3:] == process_arguments(JOB)
    found = dict(part[2:].split("=", 1) for part in argv[3:])
    assert found["EXTENT"] == "1.0,3.0,2.0,4.0 [EPSG:4326]"
    assert (found["RGB"], found["RGB_BANDS"], found["UNITS"]) == ("/d/a ü.tif", "4,3,2", "rgb=dn8")
    assert (found["OUTPUT"], found["OUTPUT_POLYGONS"], found["RESUME"]) == ("/o/out.tif", "/o/p.gpkg", "false")
    assert (found["MASK"], found["MIN_AREA"], found["TILE"]) == ("/d/area.gpkg", "25.0", "256")


def test_the_call_that_trains_is_the_job():
    job = TrainJob(
        "/m/base.sgma", "/o/my model", JOB.sources, "/d/it's.gpkg", class_field="kind", class_map='{"é": "new:A b"}',
        radius=0.0, labelled_area="/d/l.gpkg", strategy="head", recipe={"seed": 0, "sampler": "uniform"},
        options=Options(resolution=0.5, threads=2, resume=False),
    )  # fmt: skip
    argv = shlex.split(finetune_line(job))
    assert argv[:3] == ["qgis_process", "run", "sgma:finetune"]
    assert dict(part[2:].split("=", 1) for part in argv[3:]) == {
        "RGB": "/d/a ü.tif", "RGB_BANDS": "4,3,2", "SAR": "/d/b.tif", "UNITS": "rgb=dn8", "NODATA": "rgb=0.0",
        "LABELS": "/d/it's.gpkg", "CLASS_FIELD": "kind", "CLASS_MAP": '{"é": "new:A b"}', "POINT_RADIUS": "0.0",
        "LABELLED_AREA": "/d/l.gpkg", "BASE_MODEL": "/m/base.sgma", "STRATEGY": "head", "SEED": "0",
        "SAMPLER": "uniform", "RESOLUTION": "0.5", "THREADS": "2", "RESUME": "false", "OUTPUT": "/o/my model",
    }  # fmt: skip
