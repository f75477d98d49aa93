"""What of a network a training may change.

head      the segmentation head alone: seconds to minutes, for few labels and known sensors
adapters  low-rank adapters beside the frozen convolutions, linear layers and attention of encoder and fusion
          (`nn.lora`), and in full: norms, the input projections and projectors of the sensors, what has one row a
          class, and the head
all       everything
"""

from __future__ import annotations

from torch import nn

from ..contract.errors import BadInput
from ..contract.learning import STRATEGIES
from ..nn import lora
from ..nn.network import Network

_NORMS = (nn.LayerNorm, nn.GroupNorm, nn.BatchNorm2d)


def check(strategy: str) -> None:
    """Raise BadInput for a strategy that is not known."""
    if strategy not in STRATEGIES:
        raise BadInput(f"--strategy {strategy} must be one of {', '.join(STRATEGIES)}.", "Correct --strategy.")


def apply(network: Network, strategy: str) -> None:
    """Freeze what the strategy leaves alone, and add adapters where it has them. Raises BadInput for an unknown one.

    The adapters' random part comes from torch's generator. `lora.merge` makes the network an ordinary one again.
    """
    check(strategy)
    if strategy == "all":
        return
    network.requires_grad_(False)
    network.head.requires_grad_(True)
    if strategy == "head":
        return
    network.adapters.requires_grad_(True)
    whole = set()
    for name, module in network.fusion.named_modules():
        last = name.rpartition(".")[2]
        if last in network.fusion.PER_SENSOR + network.fusion.PER_CLASS:
            module.requires_grad_(True)
            whole |= set(module.modules())
    for part in (network.backbone, network.fusion):
        lora.add(part, without=whole)
        for module in part.modules():
            if isinstance(module, _NORMS):
                module.requires_grad_(True)
