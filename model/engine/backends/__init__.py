"""What runs the network on batches of tiles. A new backend is one file and one row of BACKENDS.

A backend obeys `engine.workload.Backend`; torch is the reference for every other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from ...feedback import JobFeedback
from ..workload import Backend, BackendFailed, Workload
from .torch_backend import TorchBackend

_Open = Callable[[Workload, torch.device, str, JobFeedback], Backend]


def _openvino(workload: Workload, device: torch.device, precision: str, feedback: JobFeedback) -> Backend:
    try:
        from .openvino_backend import OpenVinoBackend
    except ImportError as error:  # a runtime made before OpenVINO was part of it, or one without a library it needs
        raise BackendFailed(f"OpenVINO cannot be loaded ({error}).") from None
    return OpenVinoBackend(workload, precision, feedback)


def _torch(workload: Workload, device: torch.device, precision: str, feedback: JobFeedback) -> Backend:
    return TorchBackend(workload, device, precision)


@dataclass(frozen=True)
class Row:
    """A backend: its name, the kinds of device it runs on, and how it is opened."""

    name: str
    devices: tuple[str, ...]
    open: _Open


#: Best first on each device.
BACKENDS = (Row("openvino", ("cpu",), _openvino), Row("torch", ("cuda", "mps", "cpu"), _torch))
NAMES = tuple(row.name for row in BACKENDS)
