"""The first layer of a modality: stored values -> the card's unit -> scaled -> three channels for the shared encoder.

Shapes: B samples, C bands of the modality, H x W pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..contract.card import ModalityStats

Affine = tuple[Tensor, Tensor]
CHANNELS = 3


class Scaling(nn.Module):
    """Clip to [low, high], then (x - mean) / std, per band; pixels that are not valid become exactly 0.

    The statistics are the card's, never the weights': buffers that follow the device and stay out of the state dict.
    """

    def __init__(self, stats: ModalityStats) -> None:
        super().__init__()
        self.bands = len(stats.bands)
        for name in ("low", "high", "mean", "std"):
            values = torch.tensor(getattr(stats, name), dtype=torch.get_default_dtype())
            self.register_buffer(name, values.view(-1, 1, 1), persistent=False)

    def forward(self, x: Tensor, valid: Tensor, affine: Affine | None = None) -> Tensor:
        """Return the scaled values, float (B,C,H,W).

        x: (B,C,H,W) of any stored dtype (uint8, uint16, int16, float32 ...), NaN and inf allowed where not valid.
        valid: bool (B,H,W). affine: (gain, offset), each (C,) or (B,C): gain * x + offset is in the card's unit.
        Raises ValueError on another number of bands.
        """
        if x.dim() != 4 or x.shape[1] != self.bands:
            raise ValueError(f"expected (B,{self.bands},H,W) values, got {tuple(x.shape)}")
        x = x.to(self.mean.dtype)
        if affine is not None:
            gain, offset = (part.to(x)[..., None, None] for part in affine)
            x = x * gain + offset
        x = (x.clamp(self.low, self.high) - self.mean) / self.std
        # last, and by selection: 0 * NaN would be NaN
        return torch.where(valid[:, None], x, x.new_zeros(()))


class Adapter(nn.Module):
    """Scaling, then C bands -> 3 channels by a learned 1x1 projection. It has no bias: invalid pixels stay 0.

    It starts as (methods 1.1): 1 band replicated; 2 (radar VV, VH in dB) as (a, b, a - b); 3 as they are; of more, the
    triplet as it is and nothing of the rest, so that pretrained encoders see a familiar image. Learning it lets the
    shared encoder tell one grey image from another: without, mean fusion cannot know which sensor it looks at.
    """

    def __init__(self, stats: ModalityStats, triplet: tuple[int, int, int] = (0, 1, 2)) -> None:
        super().__init__()
        self.scaling = Scaling(stats)
        bands = self.scaling.bands
        if bands == 1:
            start = [[1], [1], [1]]
        elif bands == 2:
            start = [[1, 0], [0, 1], [1, -1]]
        else:
            start = [[float(band == chosen) for band in range(bands)] for chosen in triplet]
        self.project = nn.Conv2d(bands, CHANNELS, 1, bias=False)
        with torch.no_grad():
            self.project.weight.copy_(torch.tensor(start)[..., None, None])

    def forward(self, x: Tensor, valid: Tensor, affine: Affine | None = None) -> Tensor:
        """Return (B,3,H,W) float; arguments and errors are those of `Scaling.forward`."""
        return self.project(self.scaling(x, valid, affine))
