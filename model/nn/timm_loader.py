"""The only place that imports timm, and only when one of its backbones is built."""

from __future__ import annotations

import importlib

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
        _allow_torchvision_without_extension()
        return importlib.import_module("timm")
    except (ImportError, RuntimeError) as error:
        raise RuntimeUnavailable(f"timm cannot be imported ({error}).", "Repair the runtime environment.") from error


def _allow_torchvision_without_extension() -> None:
    """Declare the operators torchvision looks up on import, if its compiled part cannot load.

    A CUDA build of torchvision beside a CPU torch (what pip gives many people) otherwise fails with
    "operator torchvision::nms does not exist", although timm's encoders use nothing of it.
    """
    global _library
    if _library is not None or _has_extension():
        return
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for operator in ("nms", "qnms"):
        _library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")


def _has_extension() -> bool:
    if hasattr(torch.ops.torchvision, "nms"):
        return True
    spec = importlib.util.find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        return True  # nothing to mend
    library = importlib.machinery.PathFinder.find_spec("_C", list(spec.submodule_search_locations))
    if library is None or library.origin is None:
        return False
    try:
        torch.ops.load_library(library.origin)
    except OSError:
        return False
    return hasattr(torch.ops.torchvision, "nms")
