"""Ways to fuse what the sensors say. One file each; an entry here makes it known.

A fusion is a module class with `name` (as in cards), `OPTIONS` (keyword -> allowed values, the first is the default),
`PER_SENSOR` and `PER_CLASS` (names of its lists with one entry a modality, and of its layers with one row a class),
a constructor (channels, *, modalities, classes, **options) and
forward(features, present, modalities) -> (fused, robustness), each a list over the four stages:

    features    (B,M',C_i,H_i,W_i) float; slots that are not present may hold anything
    present     (B,M',H_i,W_i) bool, token availability
    modalities  which of the network's M modalities the M' slots are, ascending or not; None = all of them
    fused       (B,C_i,H_i,W_i); 0 where nothing is present
    robustness  (B,M',H_i,W_i), share of fusion weight: >= 0, sum over M' is 1 where anything is present, 0 where absent

A fusion may project each sensor by itself first, in `project(features, present, modalities)`; then `forward` takes the
`tokens` that it returned, per stage (B,M',N,C_i) or None, and training projects them once for both paths of a step.

Learned weights pass through a `weighing.Weighing` a stage, so that evaluation can replace them.
"""

from typing import Any

from .mean import Mean
from .semantic_guided import SemanticGuided

FUSIONS = (SemanticGuided, Mean)
BY_NAME = {fusion.name: fusion for fusion in FUSIONS}


def defaults(name: str) -> dict[str, Any]:
    """Return the options of a fusion by their defaults, for a new card: a default that changes later changes no model.

    {} for a fusion that does not exist, which `build` refuses.
    """
    return {option: values[0] for option, values in BY_NAME[name].OPTIONS.items()} if name in BY_NAME else {}
