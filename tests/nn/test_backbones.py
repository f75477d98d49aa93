import subprocess
import sys

import pytest
import torch
from torch import nn

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.nn.backbones import BACKBONES, BY_NAME
from sgma_qgis.model.nn.network import STRIDES


@pytest.mark.parametrize("name", BY_NAME)
def test_contract_channels_strides_and_independent_rows(name):
    backbone = BY_NAME[name].build(pretrained=False).eval()
    assert len(backbone.out_channels) == 4
    x = torch.randn(2, 3, 32, 96)
    with torch.no_grad():
        maps = backbone(x)
        alone = backbone(x[:1])
    expected = [(2, c, 32 // s, 96 // s) for c, s in zip(backbone.out_channels, STRIDES)]
    assert [tuple(part.shape) for part in maps] == expected
    for part, single in zip(maps, alone):
        torch.testing.assert_close(part[:1], single, rtol=1e-4, atol=1e-4)


def test_names_are_unique():
    assert len(BY_NAME) == len(BACKBONES)


def test_small_is_small_and_never_uses_batch_statistics():
    small = BY_NAME["small"].build()
    assert 0.4e6 < sum(p.numel() for p in small.parameters()) < 0.7e6
    assert not any(isinstance(module, nn.BatchNorm2d) for module in small.modules())


def test_resnet_batch_norm_stays_frozen_in_training():
    resnet = BY_NAME["resnet50"].build().train()
    norms = [module for module in resnet.modules() if isinstance(module, nn.BatchNorm2d)]
    assert norms and not any(norm.training for norm in norms)
    assert resnet.reduce.training
    before = norms[0].running_mean.clone()
    resnet(torch.randn(2, 3, 32, 32))
    assert torch.equal(norms[0].running_mean, before)


@pytest.mark.parametrize("name", [name for name in BY_NAME if name != "small"])
def test_pretrained_weights_offline_are_refused_in_one_sentence(name, monkeypatch):
    timm_hub = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(timm_hub, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_CACHE", "/nonexistent")
    monkeypatch.setattr(timm_hub, "HF_HUB_CACHE", "/nonexistent")
    with pytest.raises(BadInput, match=f"ImageNet weights of {name} could not be downloaded") as caught:
        BY_NAME[name].build(pretrained=True)
    assert "small" in caught.value.hint


def test_small_has_no_pretrained_weights():
    with pytest.raises(BadInput, match="no ImageNet weights"):
        BY_NAME["small"].build(pretrained=True)


def test_nothing_heavy_is_imported_for_the_small_backbone():
    code = (
        "import sys; from sgma_qgis.model.nn import build; from sgma_qgis.model.nn.backbones import BY_NAME;"
        "BY_NAME['small'].build(); print([m for m in ('timm', 'torchvision', 'rasterio', 'qgis') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
