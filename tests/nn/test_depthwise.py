"""The quick training step of depthwise convolution is torch's own, up to rounding."""

import pytest
import torch
from torch.nn import functional as F

from sgma_qgis.model.nn.depthwise import depthwise


def _inputs(dtype=torch.float64, learned_input=True):
    generator = torch.Generator().manual_seed(3)
    x, kernel, bias, slope = (
        torch.randn(*shape, dtype=dtype, generator=generator)
        for shape in ((2, 5, 9, 13), (5, 1, 11, 11), (5,), (2, 5, 9, 13))
    )
    return x.requires_grad_(learned_input), kernel.requires_grad_(), bias.requires_grad_(), slope


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("learned_input", [False, True])
def test_values_and_gradients_are_torchs(channels_last, learned_input):
    found = []
    for ours in (False, True):
        x, kernel, bias, slope = _inputs(learned_input=learned_input)
        image = x.contiguous(memory_format=torch.channels_last) if channels_last else x
        out = depthwise(image, kernel, bias) if ours else F.conv2d(image, kernel, bias, padding=5, groups=5)
        out.backward(slope)
        found.append((out.detach(), x.grad, kernel.grad, bias.grad))
    for theirs, mine in zip(*found):
        assert (theirs is None) == (mine is None)
        if mine is not None:
            torch.testing.assert_close(mine, theirs)


def test_gradients_in_bfloat16_keep_the_parameters_type():
    x, kernel, bias, slope = _inputs(torch.float32)
    with torch.autocast("cpu", torch.bfloat16):
        out = depthwise(x, kernel, bias)
    out.backward(slope.to(out.dtype))
    assert out.dtype == torch.bfloat16
    assert x.grad.dtype == kernel.grad.dtype == bias.grad.dtype == torch.float32
    x2, kernel2, bias2, _ = _inputs(torch.float32)
    F.conv2d(x2, kernel2, bias2, padding=5, groups=5).backward(slope)
    torch.testing.assert_close(kernel.grad, kernel2.grad, rtol=0.1, atol=0.3)


class _Layer(torch.nn.Module):
    def __init__(self, kernel, bias):
        super().__init__()
        self.kernel, self.bias = torch.nn.Parameter(kernel.detach()), torch.nn.Parameter(bias.detach())

    def forward(self, x):
        return depthwise(x, self.kernel, self.bias)


def test_a_trace_holds_plain_convolutions():
    x, kernel, bias, _ = _inputs(torch.float32, learned_input=False)
    layer = _Layer(kernel, bias)
    traced = torch.jit.trace(layer, x)
    assert "PythonOp" not in str(traced.graph)
    torch.testing.assert_close(traced(x), layer(x))
