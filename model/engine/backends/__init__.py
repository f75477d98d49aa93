"""What runs the network on a batch of tiles. A new backend is one file and one row here."""

from __future__ import annotations

from .torch_backend import TorchBackend

BACKENDS = (TorchBackend,)
BY_NAME = {backend.name: backend for backend in BACKENDS}
