"""Jobs and messages survive the pipe; what is not understood is refused in words or ignored."""

import json

import pytest

from sgma_qgis.model.contract import messages as m
from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.contract.job import (
    Area,
    CheckJob,
    DifferenceJob,
    ExplainJob,
    Options,
    Outputs,
    PreviewJob,
    SegmentJob,
    Source,
)
from sgma_qgis.model.contract.modality import KEYS, MODALITIES, in_order, titles
from sgma_qgis.model.contract.wire import job_from_dict, job_to_dict

JOB = SegmentJob(
    sources=(Source("rgb", "/a ü.tif", (4, 3, 2), "dn8", 0.0), Source("sar", "b.tif")),
    model="town-demo",
    outputs=Outputs("out.tif", trust="trust.tif"),
    area=Area("area.gpkg", (1.0, 2.0, 3.0, 4.0), "EPSG:4326"),
    options=Options(resolution=0.5, tile=256, resume=False, min_area=25.0, simplify=1.5),
)


def test_job_round_trip_through_json():
    assert job_from_dict(json.loads(json.dumps(job_to_dict(JOB)))) == JOB


def test_unknown_job_fields_are_ignored():
    raw = job_to_dict(JOB)
    raw["later"] = raw["options"]["later"] = raw["sources"][0]["later"] = 1
    assert job_from_dict(raw) == JOB


@pytest.mark.parametrize("raw", [{}, {"kind": "segment"}, {"kind": "dance"}, None, {"kind": "segment", "sources": 3}])
def test_not_a_job(raw):
    with pytest.raises(BadInput):
        job_from_dict(raw)


def test_source_of_unknown_modality():
    raw = job_to_dict(JOB)
    raw["sources"][0]["modality"] = "lidar"
    with pytest.raises(BadInput, match="lidar"):
        job_from_dict(raw)


@pytest.mark.parametrize(
    "event",
    [
        m.Ready(1, {"torch": "2"}, ["cpu"], ["town-demo"]),
        m.Started("a"),
        m.Progress("a", "segment", 1, 4, 0.5, None),
        m.Log("a", "warning", "Höhe fehlt"),
        m.Done("a", {"x": [1, 2]}),
        m.CancelledEvent("a"),
        m.Failed("a", "bad_input", "no", "do", "trace"),
        m.Crashed("a", -9, "killed"),
    ],
)
def test_event_round_trip(event):
    line = m.encode(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert m.decode(line, m.EVENTS) == event


def test_unknown_fields_ignored_and_junk_refused():
    assert m.decode(b'{"type": "started", "id": "a", "new": 1}', m.EVENTS) == m.Started("a")
    for junk in (b"", b"hello", b'{"type": "started"}', b'{"type": "nope"}', b"[1]", b"\xff"):
        with pytest.raises(ValueError):
            m.decode(junk, m.EVENTS)


def test_modalities_stand_in_bit_order():
    assert [modality.bit for modality in MODALITIES] == [1 << i for i in range(len(MODALITIES))]
    assert in_order(["sar", "rgb"]) == ("rgb", "sar")
    assert titles(KEYS) == "RGB + NIR + DSM + SAR"
    with pytest.raises(KeyError):
        in_order(["lidar"])


@pytest.mark.parametrize(
    "job",
    [
        CheckJob(JOB.sources, "m", JOB.area, JOB.options, tolerant=True),
        PreviewJob(JOB.sources, "m", Outputs("p.tif"), (1.0, 2.0, 3.0, 4.0), "EPSG:4326", JOB.area, JOB.options),
        ExplainJob(JOB.sources, "m", (1.5, 2.5), "EPSG:32632", JOB.area, JOB.options),
        DifferenceJob("a.tif", "b.tif", "c.tif", "town-demo"),
    ],
)
def test_other_jobs_round_trip(job):
    assert job_from_dict(json.loads(json.dumps(job_to_dict(job)))) == job


def test_an_incomplete_preview_is_refused():
    raw = job_to_dict(PreviewJob(JOB.sources, "m", Outputs("p.tif"), (1.0, 2.0, 3.0, 4.0), "EPSG:4326"))
    with pytest.raises(BadInput, match="preview"):
        job_from_dict({**raw, "view": [1.0, 2.0]})
