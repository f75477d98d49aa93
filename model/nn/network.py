"""Any subset of sensors in, class scores and robustness maps out. SGMA (IEEE TGRS 2026, arXiv 2603.02505).

B   samples                         m   modality, in the order of `Network.keys`; M of them
K   classes                         i   stage 1..4 at strides 4, 8, 16, 32 with C_i channels
x_m (B,C_m,H,W) stored values       V   (B,M,H,W) bool, which pixels are real data
P   encoded (sample, modality) pairs: only those with a valid pixel, so an absent sensor has no influence at all
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .adapters import Affine

STRIDES = (4, 8, 16, 32)
MULTIPLE = STRIDES[-1]
MOST = 0.5  # a token counts as data when at least this share of its pixels is


class Prediction(NamedTuple):
    """What the network says.

    logits: float32 (B,K,H,W). robustness: per stage (B,M,ceil(H/s),ceil(W/s)), share of fusion weight, 0 where absent.
    """

    logits: Tensor
    robustness: tuple[Tensor, ...]


class Features(NamedTuple):
    """What the encoder saw, ready to be fused any number of times.

    maps: per stage (P,C_i,h,w). rows: rows[b][m] = the pair's row in `maps`, None where it was not encoded.
    coverage: per stage (B,M,h,w), share of valid pixels under each token. size: (H,W) of the input.
    """

    maps: tuple[Tensor, ...]
    rows: list[list[int | None]]
    coverage: tuple[Tensor, ...]
    size: tuple[int, int]


class Projected(NamedTuple):
    """What the fusion made of each sensor by itself, for samples that all have the modalities `have`.

    tokens: per stage (B,M',N,C_i). present: per stage (B,M',h,w), the tokens that counted as data.
    """

    have: tuple[int, ...]
    tokens: list[Tensor]
    present: list[Tensor]


class Network(nn.Module):
    """Adapter per modality -> one shared backbone -> fusion -> head.

    adapters: by modality key, in the order of the M axis. The other parts obey the contracts stated in
    `backbones`, `fusion` and `heads`.
    """

    def __init__(self, *, adapters: nn.ModuleDict, backbone: nn.Module, fusion: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.adapters = adapters
        self.backbone = backbone
        self.fusion = fusion
        self.head = head

    @property
    def keys(self) -> tuple[str, ...]:
        """Modality keys: the order of every M axis."""
        return tuple(self.adapters)

    def forward(
        self, inputs: Mapping[str, Tensor], present: Tensor, affine: Mapping[str, Affine] | None = None
    ) -> Prediction:
        """Segment. Arguments and errors are those of `encode`; any H, W >= 1."""
        features = self.encode(inputs, present, affine)
        fused, robustness = self.fuse(features)
        return Prediction(self.decode(fused, features.size), robustness)

    def encode(
        self, inputs: Mapping[str, Tensor], present: Tensor, affine: Mapping[str, Affine] | None = None
    ) -> Features:
        """Encode every (sample, modality) pair that has a valid pixel.

        inputs: key -> (B,C_m,H,W) in the stored dtype; a modality that no sample has may be left out.
        present: bool (B,M), or (B,M,H,W) for validity per pixel. affine: key -> (gain, offset), (C_m,) or (B,C_m).
        Raises ValueError when a sample has no valid pixel in any modality, for a modality that is present but not in
        `inputs`, and for keys or shapes that do not fit.
        """
        valid = self._valid(inputs, present)
        size = tuple(valid.shape[-2:])
        available = valid.flatten(2).any(2).tolist()
        self._check(inputs, available)
        images, rows = [], [[None] * len(self.keys) for _ in available]
        taken = 0
        for m, key in enumerate(self.keys):
            samples = [b for b, row in enumerate(available) if row[m]]
            if samples:
                shift = (affine or {}).get(key)
                images.append(self._adapt(key, inputs[key], valid[:, m], shift, samples))
                for b in samples:
                    rows[b][m] = taken
                    taken += 1
        stack = _padded(torch.cat(images)).contiguous(memory_format=torch.channels_last)
        maps = tuple(self.backbone(stack))
        return Features(maps, rows, _coverage(_padded(valid.to(stack.dtype))), size)

    def project(self, features: Features) -> Projected | None:
        """Return what `fuse` can use again; None where samples have different modalities, or nothing is projected."""
        groups = _groups(features.rows)
        if len(groups) > 1 or not hasattr(self.fusion, "project"):
            return None
        ((have, samples),) = groups.items()
        present = [_tokens(part) for part in _coverage_of(features, have, samples, len(self.keys))]
        return Projected(have, self.fusion.project(_maps_of(features, have, samples), present, have), present)

    def fuse(
        self, features: Features, subset: Tensor | None = None, projected: Projected | None = None
    ) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        """Fuse the available modalities, or those of them in `subset`, without encoding again.

        subset: bool (B,M). projected: of these features, else each sensor is projected here. Returns fused maps, per
        stage (B,C_i,h,w) with h, w of the padded input, and robustness as in Prediction. Raises ValueError when a
        sample is left with no modality.

        Samples are grouped by the modalities they have, and each group is fused with just these: nothing is computed
        for what is absent, and a batch of equal samples is never split or indexed.
        """
        groups = _groups(features.rows, subset)
        results = [self._fuse_group(features, have, samples, projected) for have, samples in groups.items()]
        if len(results) == 1:
            return results[0]
        order = [b for samples in groups.values() for b in samples]
        back = torch.tensor(order, device=features.maps[0].device).argsort()
        fused = [torch.cat(parts)[back] for parts in zip(*(fused for fused, _ in results))]
        return fused, tuple(torch.cat(parts)[back] for parts in zip(*(robustness for _, robustness in results)))

    def decode(self, fused: Sequence[Tensor], size: tuple[int, int]) -> Tensor:
        """Return logits, float32 (B,K,H,W), of fused maps for an input of `size` = (H,W)."""
        logits = self.head(fused)
        logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
        logits = F.interpolate(logits, scale_factor=float(STRIDES[0]), mode="bilinear", align_corners=False)
        return logits[..., : size[0], : size[1]]

    @staticmethod
    def trust(robustness: Sequence[Tensor], present: Tensor) -> Tensor:
        """Return each modality's share of fusion weight at every pixel, float (B,M,H,W).

        robustness: as in Prediction. present: bool (B,M,H,W). The mean of the stages, upsampled bilinearly, 0 where a
        modality is not valid, made to sum to 1 over those that are; 0 everywhere at pixels without any.
        """
        height, width = present.shape[-2:]
        total = 0.0
        for stride, part in zip(STRIDES, robustness):
            grown = F.interpolate(part.float(), scale_factor=float(stride), mode="bilinear", align_corners=False)
            total = total + grown[..., :height, :width]
        # a pixel whose only sensor covers too little of its tokens has no weight there: then its sensors share evenly
        total = total * present
        weight = torch.where(total.sum(1, keepdim=True) > 0, total, present.to(total.dtype))
        return weight / weight.sum(1, keepdim=True).clamp(min=torch.finfo(weight.dtype).tiny)

    def _valid(self, inputs: Mapping[str, Tensor], present: Tensor) -> Tensor:
        """Return V, bool (B,M,H,W)."""
        unknown = [key for key in inputs if key not in self.adapters]
        if unknown:
            raise ValueError(f"unknown modality {', '.join(unknown)}; this network knows {', '.join(self.keys)}")
        sizes = {tuple(map(int, (x.shape[0], *x.shape[-2:]))) for x in inputs.values()}
        if len(sizes) != 1:
            raise ValueError(f"inputs must be one or more tensors of one (B,H,W), got {sorted(sizes)}")
        batch, height, width = sizes.pop()
        if present.dim() == 2:
            present = present[..., None, None].expand(-1, -1, height, width)
        if present.dtype != torch.bool or present.shape != (batch, len(self.keys), height, width):
            raise ValueError(
                f"present must be bool (B,M) or (B,M,H,W) = {(batch, len(self.keys), height, width)}, "
                f"got {present.dtype} {tuple(present.shape)}"
            )
        return present

    def _check(self, inputs: Mapping[str, Tensor], available: list[list[bool]]) -> None:
        for b, row in enumerate(available):
            missing = [key for key, there in zip(self.keys, row) if there and key not in inputs]
            if missing:
                raise ValueError(f"sample {b}: {', '.join(missing)} is present but not among the inputs")
            if not any(row):
                raise ValueError(f"sample {b} has no valid pixel in any modality: at least one sensor is needed")

    def _adapt(self, key: str, x: Tensor, valid: Tensor, affine: Affine | None, samples: list[int]) -> Tensor:
        """Return the three-channel images of those samples that have the modality."""
        if len(samples) < valid.shape[0]:
            index = torch.tensor(samples, device=valid.device)
            x, valid = x[index], valid[index]
            if affine is not None:
                affine = tuple(part[index] if part.dim() == 2 else part for part in affine)
        return self.adapters[key](x, valid, affine)

    def _fuse_group(
        self, features: Features, have: tuple[int, ...], samples: list[int], projected: Projected | None
    ) -> tuple[list[Tensor], tuple[Tensor, ...]]:
        """Fuse the samples, all of which have exactly the modalities `have`; robustness comes back with all M slots."""
        present = [_tokens(part) for part in _coverage_of(features, have, samples, len(self.keys))]
        maps = _maps_of(features, have, samples)
        again = {} if projected is None else {"tokens": _tokens_again(projected, have, samples, present)}
        fused, robustness = self.fusion(maps, present, have, **again)
        cropped = []
        for stride, part in zip(STRIDES, robustness):
            part = part[..., : -(-features.size[0] // stride), : -(-features.size[1] // stride)]
            if len(have) < len(self.keys):
                absent = torch.zeros_like(part[:, :1])
                part = torch.cat(
                    [part[:, have.index(m)][:, None] if m in have else absent for m in range(len(self.keys))], 1
                )
            cropped.append(part)
        return fused, tuple(cropped)


def _padded(x: Tensor) -> Tensor:
    """Return (B,C,H,W) with zeros added below and on the right, so that the sides are multiples of MULTIPLE."""
    right, below = -x.shape[3] % MULTIPLE, -x.shape[2] % MULTIPLE
    return F.pad(x, (0, right, 0, below)) if right or below else x


def _groups(rows: list[list[int | None]], subset: Tensor | None = None) -> dict[tuple[int, ...], list[int]]:
    """Return the samples by the modalities that they have, or that are left of them in `subset`, bool (B,M).

    Raises ValueError for a sample without any.
    """
    allowed = [[True] * len(rows[0])] * len(rows) if subset is None else subset.tolist()
    groups: dict[tuple[int, ...], list[int]] = {}
    for b, row in enumerate(rows):
        have = tuple(m for m, pair in enumerate(row) if pair is not None and allowed[b][m])
        if not have:
            raise ValueError(f"sample {b} is left with no modality to fuse")
        groups.setdefault(have, []).append(b)
    return groups


def _maps_of(features: Features, have: tuple[int, ...], samples: list[int]) -> list[Tensor]:
    """Return the maps of these sensors of these samples, per stage (B,M',C_i,h,w)."""
    rows = [features.rows[b][m] for m in have for b in samples]
    return [_pick(part, rows).unflatten(0, (len(have), -1)).transpose(0, 1) for part in features.maps]


def _coverage_of(features: Features, have: tuple[int, ...], samples: list[int], modalities: int) -> Sequence[Tensor]:
    """Return the coverage of these sensors of these samples, per stage (B,M',h,w)."""
    coverage = features.coverage
    if len(have) < modalities:
        coverage = [part[:, list(have)] for part in coverage]
    if len(samples) < len(features.rows):
        coverage = [part[samples] for part in coverage]
    return coverage


def _tokens_again(
    projected: Projected, have: tuple[int, ...], samples: list[int], present: Sequence[Tensor]
) -> list[Tensor | None]:
    """Return the tokens of these sensors of these samples; None for stages where others of their tokens count as data.

    That is so where no sensor covers a token well: then it is data of the one of those at hand that covers it best.
    """
    slots = [projected.have.index(m) for m in have]
    found = []
    for tokens, before, there in zip(projected.tokens, projected.present, present):
        same = torch.equal(before[samples][:, slots], there)
        found.append(tokens[samples][:, slots] if same else None)
    return found


def _pick(maps: Tensor, rows: list[int]) -> Tensor:
    """Return maps[rows], as a view when the rows follow one another."""
    if rows == list(range(maps.shape[0])):
        return maps
    if rows == list(range(rows[0], rows[0] + len(rows))):
        return maps[rows[0] : rows[0] + len(rows)]
    return maps[torch.tensor(rows, device=maps.device)]


def _coverage(valid: Tensor) -> tuple[Tensor, ...]:
    """Return, per stage, the share of valid pixels under each token: (B,M,H,W) -> (B,M,H/s,W/s)."""
    parts = [F.avg_pool2d(valid, STRIDES[0])]
    for _ in STRIDES[1:]:
        parts.append(F.avg_pool2d(parts[-1], 2))
    return tuple(parts)


def _tokens(coverage: Tensor) -> Tensor:
    """Return which tokens count as data, bool (B,M,h,w): those of at least MOST valid pixels.

    Where no modality reaches that, those that cover it best: every covered pixel lies in a token with data.
    """
    best = coverage.amax(1, keepdim=True)
    return (coverage >= MOST) | ((coverage == best) & (best > 0) & (best < MOST))
