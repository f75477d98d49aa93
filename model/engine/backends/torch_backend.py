"""The network in torch, eager: the reference for every other backend."""

from __future__ import annotations

import contextlib

import numpy as np
import torch

from ...nn.network import Network


class TorchBackend:
    """Runs a network on one device. Notation: B tiles, M modalities of the card, K classes, H x W pixels."""

    name = "torch"

    def __init__(self, network: Network, device: torch.device, autocast: torch.dtype | None) -> None:
        self._network = network.to(device).eval()
        self._device = device
        self._autocast = autocast

    @torch.inference_mode()
    def predict(
        self,
        inputs: dict[str, np.ndarray],
        present: np.ndarray,
        affine: dict[str, tuple[np.ndarray, np.ndarray]],
        *,
        trust: bool,
    ) -> np.ndarray:
        """Return (B, K [+ M], H, W) float32: class probabilities, then, if asked, shares of fusion weight.

        inputs: per available modality (B, C, H, W) in its stored dtype; present: (B, M, H, W) bool;
        affine: per modality (gain, offset), each (C,), from stored values to the card's unit.
        """
        tensors = {key: torch.from_numpy(array).to(self._device) for key, array in inputs.items()}
        where = torch.from_numpy(present).to(self._device)
        lines = {
            key: tuple(torch.as_tensor(part, dtype=torch.float32, device=self._device) for part in affine[key])
            for key in tensors
        }
        context = (
            torch.autocast(self._device.type, dtype=self._autocast) if self._autocast else contextlib.nullcontext()
        )
        with context:
            prediction = self._network(tensors, where, lines)
        parts = [prediction.logits.float().softmax(1)]
        if trust:
            parts.append(self._network.trust(prediction.robustness, where).float())
        return torch.cat(parts, 1).cpu().numpy()
