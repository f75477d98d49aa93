"""A network small enough for exact checks: M = 3 sensors, K = 4 classes, C = (8, 16, 24, 32), fp64."""

import pytest
import torch
from torch import nn

from sgma_qgis.model.contract.card import Card, ClassInfo, ModalityStats, NetworkSpec
from sgma_qgis.model.nn.adapters import Adapter
from sgma_qgis.model.nn.backbones.small import Small
from sgma_qgis.model.nn.fusion.mean import Mean
from sgma_qgis.model.nn.fusion.semantic_guided import SemanticGuided
from sgma_qgis.model.nn.heads import MlpHead
from sgma_qgis.model.nn.network import Network

CHANNELS, HEADS, CLASSES = (8, 16, 24, 32), (1, 2, 3, 4), 4
BANDS = {"rgb": ("red", "green", "blue"), "dsm": ("height",), "sar": ("VV", "VH")}
UNITS = {"rgb": "dn8", "dsm": "ndsm", "sar": "db"}


def stats(key):
    bands, n = BANDS[key], len(BANDS[key])
    return ModalityStats(key, bands, UNITS[key], (0.0,) * n, (200.0,) * n, (90.0,) * n, (40.0,) * n)


def shake(module):
    """Move every parameter off its initial value, so that no check passes because something is still 0 or 1."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
    return module


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)
    torch.set_num_threads(1)  # tensors are tiny


@pytest.fixture
def make_fusion():
    def make(name="semantic_guided", modalities=3, **options):
        if name == "mean":
            return Mean(CHANNELS, modalities=modalities, classes=CLASSES).double().eval()
        options = {"heads": HEADS, **options}
        return shake(SemanticGuided(CHANNELS, modalities=modalities, classes=CLASSES, **options)).double().eval()

    return make


@pytest.fixture
def make_network(make_fusion):
    def make(fusion="semantic_guided", keys=tuple(BANDS), **options):
        return (
            Network(
                adapters=nn.ModuleDict({key: Adapter(stats(key)) for key in keys}),
                backbone=shake(Small(CHANNELS, (1, 1, 1, 1))),
                fusion=make_fusion(fusion, len(keys), **options),
                head=shake(MlpHead(CHANNELS, classes=CLASSES, width=16)),
            )
            .double()
            .eval()
        )

    return make


@pytest.fixture
def make_inputs():
    def make(batch=2, height=64, width=64, keys=tuple(BANDS)):
        return {key: torch.rand(batch, len(BANDS[key]), height, width) * 220 for key in keys}

    return make


@pytest.fixture
def make_tokens():
    """Features and token availability as a fusion takes them; with `partial`, holes of every modality mix."""

    def make(batch=2, modalities=3, partial=False):
        sizes = (8, 4, 2, 1)
        features = [torch.randn(batch, modalities, c, s, s).double() for c, s in zip(CHANNELS, sizes)]
        present = [torch.rand(batch, modalities, s, s) > (0.4 if partial else -1) for s in sizes]
        return features, present

    return make


@pytest.fixture
def make_card():
    def make(backbone="small", fusion="semantic_guided", keys=("rgb", "dsm"), classes=CLASSES, head=16, options=None):
        return Card(
            id="tiny",
            title="Tiny",
            classes=tuple(ClassInfo(i, f"class {i}", "#00ff00") for i in range(classes)),
            modalities=tuple(stats(key) for key in keys),
            network=NetworkSpec(backbone, fusion, head, options or {}),
            gsd=(0.3, 0.6, 1.2),
            tile=64,
            weights_file="weights.safetensors",
            weights_sha256="0" * 64,
        )

    return make
