"""Which modalities a training sample sees in the sampled path. One file each; an entry here makes it known.

A sampler is a class with `name` and two methods over what the full path found in this step:

    probabilities(robustness, there) -> float (B,M): how likely each modality is among those the sample sees;
                                        rows of samples with fewer than two modalities are 0
    draw(robustness, there, generator) -> bool (B,M): what each sample sees; all False = it takes no part, because
                                        with a single modality the sampled path would repeat the full one

    robustness  per stage (B,M,h,w), share of fusion weight, 0 where absent
    there       per stage (B,M,h,w) bool, tokens that count as data; a modality without any is absent
"""

from ...contract.errors import BadInput
from .modality_aware import ModalityAware
from .uniform import Uniform

SAMPLERS = (ModalityAware, Uniform)
BY_NAME = {sampler.name: sampler for sampler in SAMPLERS}


def create(name: str) -> object:
    """Return a sampler. Raises BadInput for a name that is not known."""
    if name not in BY_NAME:
        raise BadInput(f"There is no sampler {name!r}; known are {', '.join(BY_NAME)}.", "Choose one of these.")
    return BY_NAME[name]()
