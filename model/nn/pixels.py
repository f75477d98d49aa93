"""A head on the pixels themselves beside what a network makes of them: what a few strokes train.

Shapes: B samples, M modalities, K classes, D pixel features, E channels of the base's head at stride 4, U hidden units.

Pixel features are, of every band of every modality, the value and its means over 5 x 5 and 11 x 11 pixels, over valid
pixels alone, as random forests on aerial pictures use them; here one small hidden layer beside a linear path reads
them. Both paths also read the base's head, upsampled; a linear map and bilinear upsampling may change places, so that
costs a sixteenth. Probabilities are then smoothed within edges: docs/strokes.md has the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..contract.card import ModalityStats
from ..contract.modality import BY_KEY, HEIGHT, RADAR
from .adapters import Affine
from .network import STRIDES, Features, Network, Prediction

WINDOWS = (1, 5, 11)  # pixels a side
CONTEXT_SCALE = 0.35  # of a base's features beside the pixels': they are many
LOW_M = 0.5  # heights count by their logarithm from here on: among shrubs a metre says more than on a roof
LIMIT = 5.0  # standard deviations beyond which a pixel feature counts no more
STEPS = (1, 2, 4)  # pixels between neighbours, pass by pass
EDGE = 1.5  # mean difference of neighbours, in standard deviations, that counts as an edge
TINY = 1e-6


class PixelFeatures(NamedTuple):
    """inner: the base's features. values, known: of `describe`. present: (B,M,H,W) bool. size: (H,W) of the input."""

    inner: Features | None
    values: Tensor
    known: Tensor
    present: Tensor
    size: tuple[int, int]


class Weights(NamedTuple):
    """What a fit finds, float32. mean, std: (D+E,). first: (D+E,U), bias (U,). last: (U,K). direct: (D+E,K), bias (K,).

    The maps take features less `mean`, over `std`, those of the base times CONTEXT_SCALE.
    """

    mean: Tensor
    std: Tensor
    first: Tensor
    first_bias: Tensor
    last: Tensor
    direct: Tensor
    direct_bias: Tensor


class PixelNetwork(nn.Module):
    """Obeys the contract of `Network`: encode, fuse with any subset of sensors, decode."""

    trust = staticmethod(Network.trust)

    def __init__(
        self, base: Network | None, modalities: Sequence[ModalityStats], *, classes: int, hidden: int, width: int
    ) -> None:
        """base: None = the pixels are all. width: channels of the base's head."""
        super().__init__()
        self.base = base
        self._bands = {stats.key: len(stats.bands) for stats in modalities}
        self.pixel_features = len(WINDOWS) * sum(self._bands.values())
        self.hidden = hidden
        self.register_buffer("mean", torch.zeros(self.pixel_features))
        self.register_buffer("std", torch.ones(self.pixel_features))
        self.pixel = nn.Conv2d(self.pixel_features, hidden + classes, 1)
        self.context = nn.Conv2d(width, hidden + classes, 1, bias=False) if base is not None else None
        self.last = nn.Conv2d(hidden, classes, 1, bias=False)

    @property
    def keys(self) -> tuple[str, ...]:
        """Modality keys: the order of every M axis."""
        return tuple(self._bands)

    def forward(
        self, inputs: Mapping[str, Tensor], present: Tensor, affine: Mapping[str, Affine] | None = None
    ) -> Prediction:
        """Segment. Arguments and errors are those of `encode`. The logits are logarithms of probabilities."""
        features = self.encode(inputs, present, affine)
        fused, robustness = self.fuse(features)
        return Prediction(self.decode(fused, features.size), robustness)

    def encode(
        self, inputs: Mapping[str, Tensor], present: Tensor, affine: Mapping[str, Affine] | None = None
    ) -> PixelFeatures:
        """Look at every valid pixel. Arguments and errors are those of `Network.encode`."""
        inner = self.base.encode(inputs, present, affine) if self.base is not None else None
        example = next(iter(inputs.values()))
        if present.dim() == 2:
            present = present[..., None, None].expand(-1, -1, *example.shape[-2:])
        values, known = describe(inputs, present, affine or {}, self._bands)
        return PixelFeatures(inner, values, known, present, tuple(map(int, example.shape[-2:])))

    def fuse(self, features: PixelFeatures, subset: Tensor | None = None) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        """Return maps that `decode` takes, and robustness, of all modalities or those in `subset`, bool (B,M)."""
        fused, robustness = ([], ()) if self.base is None else self.base.fuse(features.inner, subset)
        present = features.present
        pixels = standard(features.values, features.known, self.mean[:, None, None], self.std[:, None, None])
        if subset is not None:
            counts = torch.tensor([len(WINDOWS) * bands for bands in self._bands.values()], device=subset.device)
            pixels = pixels * subset.repeat_interleave(counts, 1)[..., None, None]
            present = present & subset[..., None, None]
        return [*fused, pixels, present.any(1, keepdim=True).to(pixels.dtype)], robustness

    def decode(self, fused: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        """Return logits, float32 (B,K,H,W), of what `fuse` returned for an input of `size` = (H,W)."""
        *maps, pixels, valid = fused
        context = None if self.base is None else grown(self.context(self.base.head.hidden(maps)), size)
        scores = self.scores(pixels, context)
        return smooth(scores.float().softmax(1), self.guide(pixels), valid).clamp(min=TINY).log()

    def scores(self, pixels: Tensor, context: Tensor | None) -> Tensor:
        """Return (B,K,H,W) before smoothing. context: (B,U+K,H,W), what `self.context` makes of the base's head."""
        both = self.pixel(pixels)
        if context is not None:
            both = both + context
        return self.last(F.relu(both[:, : self.hidden])) + both[:, self.hidden :]

    def guide(self, pixels: Tensor) -> Tensor:
        """Return what edges are seen in, (B,G,H,W): the pixel values, of radar, which is grainy, their 5 x 5 means."""
        parts, start = [], 0
        for key, bands in self._bands.items():
            first = start + (bands if BY_KEY[key].kind == RADAR else 0)
            parts.append(pixels[:, first : first + bands])
            start += len(WINDOWS) * bands
        return torch.cat(parts, 1)

    @torch.no_grad()
    def take(self, weights: Weights) -> None:
        """Put fitted weights in place; standardisation of the base's features is folded into its map."""
        d = self.pixel_features
        self.mean.copy_(weights.mean[:d])
        self.std.copy_(weights.std[:d])
        both = torch.cat([weights.first, weights.direct], 1)
        bias = torch.cat([weights.first_bias, weights.direct_bias])
        if self.context is not None:
            scaled = both[d:] * (CONTEXT_SCALE / weights.std[d:, None])
            self.context.weight.copy_(scaled.T[..., None, None])
            bias = bias - weights.mean[d:] @ scaled
        self.pixel.weight.copy_(both[:d].T[..., None, None])
        self.pixel.bias.copy_(bias)
        self.last.weight.copy_(weights.last.T[..., None, None])


def describe(
    inputs: Mapping[str, Tensor], present: Tensor, affine: Mapping[str, Affine], bands: Mapping[str, int]
) -> tuple[Tensor, Tensor]:
    """Return pixel features, float (B,D,H,W), and where they are known, 1 or 0, of the same shape.

    They are in the card's units, heights as logarithms.
    Arguments as in `Network.encode`, present (B,M,H,W). bands: how many a modality has, in the order of the M axis.
    """
    example = next(iter(inputs.values()))
    values, known = [], []
    for m, (key, count) in enumerate(bands.items()):
        if key in inputs:
            found, there = _local(_converted(inputs[key], affine.get(key)), present[:, m])
            if BY_KEY[key].kind == HEIGHT:
                found = found.sign() * (found.abs() / LOW_M).log1p()
        else:
            shape = (len(example), len(WINDOWS) * count, *example.shape[-2:])
            found = there = torch.zeros(shape, device=example.device)
        values.append(found)
        known.append(there)
    return torch.cat(values, 1), torch.cat(known, 1)


def standard(values: Tensor, known: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Return pixel features in standard deviations from their mean, at most LIMIT; 0 where unknown."""
    return ((values - mean) / std).clamp(-LIMIT, LIMIT) * known


def grown(maps: Tensor, size: tuple[int, int]) -> Tensor:
    """Return maps at stride 4 in an input's pixels, cut to `size`."""
    maps = F.interpolate(maps, scale_factor=float(STRIDES[0]), mode="bilinear", align_corners=False)
    return maps[..., : size[0], : size[1]]


def smooth(probability: Tensor, guide: Tensor, valid: Tensor) -> Tensor:
    """Return probabilities (B,K,H,W) averaged with their neighbours', less across edges of the guide (B,G,H,W).

    The edge-avoiding a-trous filter of Dammertz et al. (2010) with the four neighbours of a pixel, at distances STEPS.
    valid: (B,1,H,W), 1 where a pixel has data; others neither give nor take.
    """
    for step in STEPS:
        if min(probability.shape[-2:]) > step:
            probability = _pass(probability, neighbours(guide, valid, step), step)
    return probability


def neighbours(guide: Tensor, valid: Tensor, step: int) -> tuple[Tensor, Tensor]:
    """Return how much pixels have in common with those `step` to the right (B,1,H,W-step) and below (B,1,H-step,W)."""
    right = ((guide[..., step:] - guide[..., :-step]) / EDGE).square().mean(1, keepdim=True)
    below = ((guide[..., step:, :] - guide[..., :-step, :]) / EDGE).square().mean(1, keepdim=True)
    return (
        torch.exp(-right) * valid[..., step:] * valid[..., :-step],
        torch.exp(-below) * valid[..., step:, :] * valid[..., :-step, :],
    )


def _pass(p: Tensor, weights: tuple[Tensor, Tensor], step: int) -> Tensor:
    right, below = weights
    total = p + F.pad(right * p[..., step:], (0, step)) + F.pad(right * p[..., :-step], (step, 0))
    total = total + F.pad(below * p[..., step:, :], (0, 0, 0, step)) + F.pad(below * p[..., :-step, :], (0, 0, step, 0))
    weight = 1 + F.pad(right, (0, step)) + F.pad(right, (step, 0))
    weight = weight + F.pad(below, (0, 0, 0, step)) + F.pad(below, (0, 0, step, 0))
    return total / weight


def _converted(x: Tensor, affine: Affine | None) -> Tensor:
    """Return stored values in the card's unit, float."""
    x = x.to(torch.get_default_dtype())
    if affine is None:
        return x
    gain, offset = (part.to(x)[..., None, None] for part in affine)
    return x * gain + offset


def _local(x: Tensor, valid: Tensor) -> tuple[Tensor, Tensor]:
    """Return means over WINDOWS of valid pixels, and where there are any, each (B,3C,H,W), of (B,C,H,W), (B,H,W)."""
    bands = x.shape[1]
    share = valid[:, None].to(x.dtype)
    x = torch.where(valid[:, None], x, x.new_zeros(()))
    values, known = [x], [share.expand_as(x)]
    for window in WINDOWS[1:]:
        total, weight = _box(x, window), _box(share, window)
        least = 0.5 / window**2  # of a share: one pixel is twice as much
        values.append(total / weight.clamp(min=least))
        known.append((weight > least).to(x.dtype).expand(-1, bands, -1, -1))
    return torch.cat(values, 1), torch.cat(known, 1)


def _box(x: Tensor, window: int) -> Tensor:
    """Return sums over a square, over its area; in two passes, as a square is a product."""
    across = F.avg_pool2d(x, (1, window), 1, (0, window // 2))
    return F.avg_pool2d(across, (window, 1), 1, (window // 2, 0))
