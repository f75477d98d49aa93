"""Depthwise convolution with large kernels whose training step is quick on a CPU."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def depthwise(x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
    """Return the "same" convolution of each channel with its own kernel: (B,C,H,W), (C,1,k,k), (C,) -> (B,C,H,W).

    Same values and gradients as torch's, up to rounding.
    """
    learns = torch.is_grad_enabled() and kernel.requires_grad and not torch.jit.is_tracing()
    if learns and x.device.type == "cpu":
        return _Depthwise.apply(x, kernel, bias)
    return _plain(x, kernel, bias)


class _Depthwise(torch.autograd.Function):
    """The kernel's gradient as a convolution of the input with the output's gradient.

    That one runs over samples and channels as over channels; torch's own takes two to four times as long, and was the
    largest part of a step of semantic-guided fusion.
    """

    @staticmethod
    def forward(ctx: torch.autograd.function.FunctionCtx, x: Tensor, kernel: Tensor, bias: Tensor) -> Tensor:
        out = _plain(x, kernel, bias)
        ctx.save_for_backward(x.to(out.dtype), kernel.to(out.dtype))
        return out

    @staticmethod
    def backward(ctx: torch.autograd.function.FunctionCtx, slope: Tensor) -> tuple[Tensor | None, Tensor, Tensor]:
        x, kernel = ctx.saved_tensors
        batch, channels, size = x.shape[0], x.shape[1], kernel.shape[-1]
        back = _plain(slope, kernel.flip(2, 3), None) if ctx.needs_input_grad[0] else None
        wide = F.pad(x, [size // 2] * 4).reshape(1, batch * channels, x.shape[2] + size - 1, x.shape[3] + size - 1)
        wide = wide.contiguous(memory_format=torch.channels_last)  # many times quicker than channels first
        part = F.conv2d(wide, slope.reshape(batch * channels, 1, *slope.shape[2:]), groups=batch * channels)
        return back, part.reshape(batch, channels, 1, size, size).sum(0), slope.sum((0, 2, 3))


def _plain(x: Tensor, kernel: Tensor, bias: Tensor | None) -> Tensor:
    return F.conv2d(x, kernel, bias, padding=kernel.shape[-1] // 2, groups=x.shape[1])
