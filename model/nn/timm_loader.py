"""The only place that imports timm, and only when one of its backbones is built."""

from __future__ import annotations

import importlib
import sys

import torch
from torch import nn

from ..contract.errors import BadInput, RuntimeUnavailable

_library: torch.library.Library | None = None


def create(name: str, *, pretrained: bool) -> nn.Module:
    """Return timm's model `name` as an encoder that gives four maps at strides 4, 8, 16, 32.

    pretrained: ImageNet weights, downloaded by timm on first use. Raises BadInput when they cannot be had,
    RuntimeUnavailable when timm cannot be imported.
    """
    timm = _import_timm()
    indices = {"out_indices": (1, 2, 3, 4)} if name.startswith("resnet") else {"out_indices": (0, 1, 2, 3)}
    if not pretrained:
        return timm.create_model(name, pretrained=False, features_only=True, **indices)
    try:
        return timm.create_model(name, pretrained=True, features_only=True, **indices)
    except Exception as error:  # the hub client raises a different class per way of being offline
        raise BadInput(
            f"The ImageNet weights of {name} could not be downloaded ({type(error).__name__}).",
            "Connect to the internet once, or start from an installed model or from backbone 'small'.",
        ) from error


def _import_timm():
    try:
        _import_torchvision()
        return importlib.import_module("timm")
    except (ImportError, RuntimeError, OSError) as error:
        raise RuntimeUnavailable(f"timm cannot be imported ({error}).", "Repair the runtime environment.") from error


def _import_torchvision() -> None:
    """Import torchvision, which timm needs, also where its compiled part does not fit torch.

    A CUDA build of torchvision beside a CPU torch (what pip gives many people) fails on import with "operator
    torchvision::nms does not exist". timm's encoders use no such operator: it is enough that the two names that
    torchvision looks up are declared.
    """
    global _library
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if _library is not None or "torchvision::nms" not in str(error):
            raise
        _library = torch.library.Library("torchvision", "FRAGMENT")  # lives as long as the process
        for operator in ("nms", "qnms"):
            _library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]  # half imported
        importlib.import_module("torchvision")
