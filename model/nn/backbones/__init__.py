"""Shared encoders. One file each; a row here makes it known.

A backbone is a module with `out_channels` (four ints) and forward((N,3,H,W) float, H and W multiples of 32) ->
list of four (N,C_i,H/s,W/s) maps at strides s = 4, 8, 16, 32. Rows of the batch never influence one another.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from torch import nn

from . import pvt, resnet, small


class Backbone(NamedTuple):
    """name: as in cards and on the command line. build(pretrained=bool) -> module, or BadInput without such weights."""

    name: str
    build: Callable[..., nn.Module]


BACKBONES = (
    Backbone("small", small.build),
    Backbone("pvt_v2_b0", partial(pvt.build, "pvt_v2_b0")),
    Backbone("pvt_v2_b2", partial(pvt.build, "pvt_v2_b2")),
    Backbone("resnet50", partial(resnet.build, "resnet50")),
)
BY_NAME = {backbone.name: backbone for backbone in BACKBONES}
