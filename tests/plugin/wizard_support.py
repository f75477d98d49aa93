"""What the tests of the wizard's last pages share: models, reports and tasks that stand in for real ones."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from plugin_support import make_card
from qgis.core import QgsFeature, QgsGeometry, QgsProject, QgsRectangle, QgsVectorFileWriter, QgsVectorLayer

from sgma_qgis import tasks
from sgma_qgis.model.contract import store
from sgma_qgis.model.contract.card import Accuracy, ClassInfo, to_json
from sgma_qgis.model.contract.errors import Cancelled

WEIGHTS = b"weights" * 100
CLASSES = (ClassInfo(0, "not tree", "#dddddd"), ClassInfo(1, "tree", "#117733"), ClassInfo(2, "Hecke ü", "#cc3311"))
HISTORY = [
    {"step": 0, "epoch": 0, "miou": 0.41},
    {"step": 8, "epoch": 1, "loss": 0.9, "miou": 0.52},
    {"step": 16, "epoch": 2, "loss": 0.7, "miou": 0.61},
    {"step": 24, "epoch": 3, "loss": 0.6, "miou": 0.6},
]
COMBINATIONS = (("rgb",), ("nir",), ("rgb", "nir"))


def make_model(folder, name="mine", roles=("train", "validation", "test"), classes=CLASSES, weights=WEIGHTS):
    """Write a model as a training leaves it, without a network in its weights, and return it."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    card = replace(
        make_card(),
        id=name,
        title=f"Trees, trained further on {name}",
        classes=classes,
        weights_sha256=hashlib.sha256(weights).hexdigest(),
        accuracy=(Accuracy("labels", "test", ("rgb", "nir"), 0.66),),
        provenance={
            "command": "train --base test-trees",
            "base": {"id": "test-trees", "weights_sha256": "0" * 64, "strategy": "adapters"},
            "recipe": {"epochs": 20, "seed": 3, "sampler": "uniform", "crop": 64, "batch": 4, "rate": 0.002},
            "data": {role: {"labels": "labels.gpkg", "areas": "proposed", "pixels": {"tree": 9}} for role in roles},
            "validation_miou": 0.61,
            "validation_epoch": 2,
            "history": HISTORY,
        },
    )
    (folder / "weights.safetensors").write_bytes(weights)
    (folder / "card.json").write_text(to_json(card), encoding="utf-8")
    return store.open_package(folder)


def make_checkpoint(output, epochs, of=20):
    """Leave what a training that was interrupted after `epochs` leaves: a header, and no tensors."""
    folder = Path(f"{output}.part")
    folder.mkdir(parents=True)
    rows = [{"epoch": n, "step": 8 * n, "values": values(n, HISTORY[n]["miou"])} for n in range(epochs + 1)]
    text = {
        "version": 1,
        "facts": {"recipe": {"epochs": of}},
        "state": {"told": rows, "run": {"epochs_done": epochs}},
    }
    header = json.dumps({"__metadata__": {"training": json.dumps(text)}}).encode()
    (folder / "checkpoint.safetensors").write_bytes(len(header).to_bytes(8, "little") + header)


def values(epoch, miou, loss=0.5):
    """Return the values of a metrics event with three combinations and two classes."""
    rows = [
        {"sensors": list(sensors), "miou": miou + 0.01 * number, "iou": {"tree": miou, "Hecke ü": miou - 0.1}}
        for number, sensors in enumerate(COMBINATIONS)
    ]
    found = {"miou": miou, "combinations": rows}
    return {"loss": loss, "rate": 0.001, **found} if epoch else found


class Tasks:
    """Stands in for `tasks.run_task`: keeps the jobs asked for; a test says what becomes of them."""

    def __init__(self, monkeypatch, *modules):
        self.jobs, self.tasks = [], []
        for module in modules:
            monkeypatch.setattr(module.tasks, "run_task", self.run)

    def run(self, title, job, **_):
        task = tasks.Task(title, lambda feedback: None)
        self.jobs.append(job)
        self.tasks.append(task)
        task.cancel = lambda: task.failed.emit(Cancelled())
        return task

    @property
    def task(self):
        return self.tasks[-1]


def f1_of(iou):
    """Return the F1 of the same pixels."""
    return 2 * iou / (1 + iou)


def make_report(sha256, miou=0.7, classes=("not tree", "tree", "Hecke ü"), places=True, confusion=None):
    """Return a report as an evaluate job writes it, of three combinations."""
    count = len(classes)
    matrix = confusion or [[900 if i == j else 100 * (abs(i - j) == 1) for j in range(count)] for i in range(count)]
    bins = [[0.0, 0.0, 0.0]] * 8 + [[100.0, 100 * (i + 8.5) / 15, 90.0] for i in range(7)]
    rows = [
        {
            "sensors": list(sensors),
            "miou": miou + 0.01 * number,
            "iou": {name: miou + 0.01 * number for name in classes},
            "f1": {name: f1_of(miou + 0.01 * number) for name in classes},
            "ece": 0.05,
            "confusion": matrix,
            "reliability": {"raw": bins, "card": bins},
        }
        for number, sensors in enumerate(COMBINATIONS)
    ]
    found = [
        {"reference": "tree", "mapped": "not tree", "pixels": 60 - n, "bounds": [x, 4599980, x + 10, 4599990]}
        for n, x in enumerate((500000, 500030))
    ]
    return {
        "model": {"id": "m", "title": "M", "path": "m", "sha256": sha256},
        "classes": [{"id": i, "name": name, "color": "#117733", "pixels": 1} for i, name in enumerate(classes)],
        "combinations": rows,
        "intervals": {"level": 0.95, "miou": [[row["miou"] - 0.1, row["miou"] + 0.1] for row in rows]},
        "warnings": [],
        "places": found if places else [],
        "crs": "EPSG:32616",
    }


def make_places(path):
    """Write a GeoPackage of two squares as a suggest job does, the second one first."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32616&field=rank:integer&field=reason:string", "", "memory")
    rows = ((2, "NIR and RGB disagree", 500030), (1, "unsure between tree and Hecke ü; RGB and NIR disagree", 500000))
    features = []
    for rank, reason, x in rows:
        feature = QgsFeature(layer.fields())
        feature.setAttributes([rank, reason])
        feature.setGeometry(QgsGeometry.fromRect(QgsRectangle(x, 4599980, x + 10, 4599990)))
        features.append(feature)
    layer.dataProvider().addFeatures(features)
    options = QgsVectorFileWriter.SaveVectorOptions()
    options.driverName = "GPKG"
    context = QgsProject.instance().transformContext()
    QgsVectorFileWriter.writeAsVectorFormatV3(layer, str(path), context, options)
