"""Which modalities a training sample sees in the sampled path. One file each; an entry here makes it known.

A sampler (`drawing.Sampler`) is a frozen dataclass whose fields are its options. It names the sets of modalities it
may draw and says how likely each is; `drawing.draw` does the rest: per sample, from what the sample natively has,
never a modality it lacks, never none. Chance comes from the generator that the training hands over, and from nothing
else.
"""

from collections.abc import Sequence

from ...contract.errors import BadInput
from .. import options
from ..drawing import Sampler
from .bernoulli import Bernoulli
from .curriculum import Curriculum
from .latent_scenario import LatentScenario
from .modality_aware import ModalityAware
from .uniform import Uniform
from .uniform_size import UniformSize

SAMPLERS = (ModalityAware, Uniform, UniformSize, Bernoulli, Curriculum, LatentScenario)
BY_NAME = {sampler.name: sampler for sampler in SAMPLERS}


def create(name: str, words: Sequence[str] = ()) -> Sampler:
    """Return a sampler; words: its options as key=value. Raises BadInput for what is not known."""
    if name not in BY_NAME:
        raise BadInput(f"There is no sampler {name!r}; known are {', '.join(BY_NAME)}.", "Choose one of these.")
    return options.read(BY_NAME[name], f"sampler {name}", words)


def told() -> str:
    """Return the options of all samplers in words."""
    return ". ".join(f"{name}: {found}" for name in BY_NAME if (found := options.told(BY_NAME[name])))
