"""Semantic-Guided Fusion of SGMA (IEEE TGRS 2026, arXiv 2603.02505), written from its published description.

Per stage: MP projects each modality, CSF pools K class prototypes over all modalities and pixels, SP lets the
prototypes attend over the M modality tokens of each pixel, RP lets the result attend over them again; RP's attention
weights are the robustness maps. Ours: half of the weight is shared evenly by the modalities that are there, which
changed nothing on a generated town and helped on NEON's few plots (docs/evidence.md); `even_share` 0 is the published
fusion.

Shapes: B samples, M modalities at hand, K classes, C channels, h heads of width d = C / h, N = H * W tokens.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..depthwise import depthwise
from ..weighing import Weighing

KERNELS = (11, 7, 3)
HEAD_WIDTH = 64
LOW = -3e4  # far below every score, yet finite in half precision and bfloat16, too


class Projector(nn.Module):
    """MP of one modality and stage: 1x1(GELU(LN(f + DW11(f) + DW7(f) + DW3(f)))).

    The depthwise kernels and the identity are summed, so they run as one 11 x 11 kernel: the same function, a third
    of the passes over memory.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.ModuleList(
            nn.Conv2d(channels, channels, size, padding=size // 2, groups=channels) for size in KERNELS
        )
        self.norm = nn.LayerNorm(channels)
        self.point = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B,C,H,W) -> tokens (B,N,C)."""
        x = x.contiguous(memory_format=torch.channels_last)  # depthwise on a CPU: 14 times faster than channels first
        widest = KERNELS[0]
        kernel = sum(F.pad(conv.weight, [(widest - conv.kernel_size[0]) // 2] * 4) for conv in self.depthwise)
        bias = sum(conv.bias for conv in self.depthwise)
        x = x + depthwise(x, kernel, bias)
        return self.point(F.gelu(self.norm(x.flatten(2).transpose(1, 2))))


class TokenAttention(nn.Module):
    """Multi-head attention whose keys and values are the M modality tokens of one pixel.

    Queries are folded through W_k, and tokens are mixed before W_v: both maps are linear, so this equals the textbook
    form, but no projection runs once per modality. A key bias would add the same score to all tokens: left out.
    """

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels, bias=False)
        self.value = nn.Linear(channels, channels)
        self.out = nn.Linear(channels, channels)

    def fold(self, query: Tensor) -> Tensor:
        """(B,L,C) -> (B,L,h,C): its dot product with a token is the scaled attention score."""
        query = self.query(query).unflatten(-1, (self.heads, -1))
        width = query.shape[-1]
        key = self.key.weight.unflatten(0, (self.heads, width))
        return torch.einsum("blhd,hdc->blhc", query * width**-0.5, key)

    def mix(self, weights: Tensor, tokens: Tensor) -> Tensor:
        """weights (B,M,N,h), tokens (B,M,N,C) -> (B,N,C), for weights that sum to 1 over M."""
        # a sum over M of products, not one big product: the (B,M,N,h,C) tensor would be h times the tokens
        mixed = sum(weights[:, m, :, :, None] * tokens[:, m, :, None] for m in range(tokens.shape[1]))
        value = self.value.weight.unflatten(0, (self.heads, -1))
        mixed = torch.einsum("bnhc,hdc->bnhd", mixed, value).flatten(2)
        return self.out(mixed + self.value.bias)


class Stage(nn.Module):
    """MP, CSF, SP and RP of one encoder stage."""

    def __init__(
        self,
        channels: int,
        *,
        modalities: int,
        classes: int,
        heads: int,
        proto_norm: str,
        rp_residual: bool,
        even_share: float,
    ) -> None:
        super().__init__()
        self.even_share = even_share
        self.proto_norm = proto_norm
        self.rp_residual = rp_residual
        self.projectors = nn.ModuleList(Projector(channels) for _ in range(modalities))
        self.csf = nn.Linear(channels, classes, bias=False)
        self.prototype_norm = nn.LayerNorm(channels)
        self.token_norm = nn.LayerNorm(channels)
        self.query_norm = nn.LayerNorm(channels)
        self.spatial = TokenAttention(channels, heads)
        self.robust = TokenAttention(channels, heads)
        self.weighing = Weighing()

    def project(self, features: Tensor, present: Tensor, modalities: Sequence[int]) -> Tensor:
        """MP: features (B,M,C,H,W) -> tokens (B,M,N,C). Absent tokens enter as 0."""
        parts = zip(modalities, features.unbind(1), present.unbind(1))
        return torch.stack([self.projectors[m](part.masked_fill(~there[:, None], 0.0)) for m, part, there in parts], 1)

    def prototypes(self, tokens: Tensor, present: Tensor) -> Tensor:
        """CSF: tokens (B,M,N,C), present (B,M,N) -> class prototypes (B,K,C).

        proto_norm: "softmax" makes them weighted means of the available tokens, so that their scale does not depend
        on M, H, W or nodata; "mean" divides by the number available; "none" is the printed formula.
        """
        there = present.flatten(1)[:, :, None]
        tokens = tokens.flatten(1, 2)
        response = self.csf(tokens)
        if self.proto_norm == "softmax":
            weights = _masked_softmax(response, there, 1)
        else:
            weights = response * there
        if self.proto_norm == "mean":
            weights = weights / there.sum(1, keepdim=True).clamp(min=1)
        return weights.transpose(1, 2).to(tokens.dtype) @ tokens

    def forward(
        self, tokens: Tensor, present: Tensor, modalities: Sequence[int], prototypes: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return fused (B,C,H,W), robustness (B,M,H,W) of what `project` made.

        prototypes: (K,C) or (B,K,C), None = pooled from this input.
        """
        size = present.shape[-2:]
        there = present.flatten(2)
        keys = self.token_norm(tokens)
        if len(modalities) == 1:
            # softmax over one key is 1 whatever the query: SP, CSF and RP's query and key play no part (methods 2.4)
            weights = there[..., None].to(keys.dtype)
            fused = self.robust.out(self.robust.value(keys[:, 0]))
        else:
            if prototypes is None:
                prototypes = self.prototypes(tokens, there)
            reference = self._spatial(prototypes.expand(tokens.shape[0], -1, -1), keys, there)
            folded = self.robust.fold(self.query_norm(reference))
            scores = torch.stack([(folded * key[:, :, None]).sum(-1) for key in keys.unbind(1)], 1)
            learned = _masked_softmax(scores, there[..., None], 1)
            weights = self.weighing(self.even_share * _even(there, learned) + (1 - self.even_share) * learned)
            fused = self.robust.mix(weights, keys)
        if self.rp_residual:
            fused = fused + (_even(there, tokens) * tokens).sum(1)
        fused = fused.masked_fill(~there.any(1)[..., None], 0.0)
        return fused.transpose(1, 2).unflatten(2, size), weights.mean(-1).unflatten(2, size)

    def _spatial(self, prototypes: Tensor, keys: Tensor, there: Tensor) -> Tensor:
        """SP: prototypes (B,K,C), keys (B,M,N,C) -> reference (B,N,C).

        K enters through the softmax only; value and output projections are linear, so the class average is taken over
        the weights (methods 2.3): no K-fold tensor of features.
        """
        folded = self.spatial.fold(self.prototype_norm(prototypes))  # (B,K,h,C)
        scores = keys @ folded.flatten(1, 2).transpose(1, 2)[:, None]  # (B,M,N,K*h)
        weights = _masked_softmax(scores, there[..., None], 1)
        return self.spatial.mix(weights.unflatten(-1, folded.shape[1:3]).mean(3), keys)


class SemanticGuided(nn.Module):
    """SGF over four stages. Weights without biases and norms: sum_i M (179 C_i + C_i^2) + K C_i + 8 C_i^2."""

    name = "semantic_guided"
    OPTIONS = {
        "proto_norm": ("softmax", "mean", "none"),
        "rp_residual": (False, True),
        "even_share": (0.5, 0.0),
    }
    PER_SENSOR = ("projectors",)
    PER_CLASS = ("csf",)

    def __init__(
        self,
        channels: Sequence[int],
        *,
        modalities: int,
        classes: int,
        proto_norm: str = "softmax",
        rp_residual: bool = False,
        even_share: float = 0.5,
        heads: Sequence[int] | None = None,
    ) -> None:
        """even_share: of the weight, 0..1, that all modalities at hand get alike.

        heads: per stage, divisors of the channels; None = heads about 64 wide, as in PVT-v2-b2.
        """
        super().__init__()
        self.modalities = modalities
        heads = heads or [_heads(width) for width in channels]
        self.stages = nn.ModuleList(
            Stage(
                width,
                modalities=modalities,
                classes=classes,
                heads=count,
                proto_norm=proto_norm,
                rp_residual=rp_residual,
                even_share=even_share,
            )
            for width, count in zip(channels, heads)
        )

    def forward(
        self,
        features: Sequence[Tensor],
        present: Sequence[Tensor],
        modalities: Sequence[int] | None = None,
        prototypes: Sequence[Tensor] | None = None,
        tokens: Sequence[Tensor | None] | None = None,
    ) -> tuple[list[Tensor], list[Tensor]]:
        """Shapes and guarantees are those of the fusion contract.

        prototypes: per stage (K,C_i) or (B,K,C_i), held fixed; None = pooled from this input.
        """
        modalities = range(self.modalities) if modalities is None else modalities
        fixed = [None] * len(self.stages) if prototypes is None else prototypes
        known = [None] * len(self.stages) if tokens is None else tokens
        results = []
        for stage, feature, there, prototype, given in zip(self.stages, features, present, fixed, known):
            given = stage.project(feature, there, modalities) if given is None else given
            results.append(stage(given, there, modalities, prototype))
        return [fused for fused, _ in results], [robustness for _, robustness in results]

    def project(
        self, features: Sequence[Tensor], present: Sequence[Tensor], modalities: Sequence[int] | None = None
    ) -> list[Tensor]:
        """Return the tokens, per stage (B,M',N,C_i), each sensor's made of its own features where it is present."""
        modalities = range(self.modalities) if modalities is None else modalities
        return [stage.project(f, p, modalities) for stage, f, p in zip(self.stages, features, present)]

    def prototypes(
        self, features: Sequence[Tensor], present: Sequence[Tensor], modalities: Sequence[int] | None = None
    ) -> list[Tensor]:
        """Return the class prototypes of this input, per stage (B,K,C_i)."""
        tokens = self.project(features, present, modalities)
        return [stage.prototypes(t, p.flatten(2)) for stage, t, p in zip(self.stages, tokens, present)]


def _heads(channels: int) -> int:
    return next(count for count in range(max(1, channels // HEAD_WIDTH), 0, -1) if channels % count == 0)


def _even(there: Tensor, like: Tensor) -> Tensor:
    """Return 1 / number available where available, of there (B,M,N), as (B,M,N,1) in the dtype of `like`."""
    return (there.to(like.dtype) / there.sum(1, keepdim=True).clamp(min=1))[..., None]


def _masked_softmax(scores: Tensor, there: Tensor, dim: int) -> Tensor:
    """Softmax over the entries that are there; exactly 0 for the others, also where none is (-inf would give NaN)."""
    scores = scores.masked_fill(~there, LOW)
    return scores.softmax(dim) * there
