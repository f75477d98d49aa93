"""What runs the network on a batch of tiles. A new backend is one file and one row here."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .torch_backend import TorchBackend


class Backend(Protocol):
    """The contract of a backend; `predict` is described in `torch_backend`, the reference."""

    name: str

    def predict(
        self,
        inputs: dict[str, np.ndarray],
        present: np.ndarray,
        affine: dict[str, tuple[np.ndarray, np.ndarray]],
        *,
        trust: bool,
    ) -> np.ndarray: ...


BACKENDS = (TorchBackend,)
BY_NAME = {backend.name: backend for backend in BACKENDS}
