"""What a trial of the training told: memory, time, pixels by role, in words."""

from __future__ import annotations

from typing import Any, Dict, List

from ... import exchange
from ...i18n import tr
from ..badge import GOOD, Badge
from ..checking import size
from ..texts import grouped
from .roles import title


def badge(found: Dict[str, Any]) -> Badge:
    """Return what the training will need, and as a hint what it learns from. found: the result of a dry run."""
    epochs = tr("1 epoch") if found["epochs"] == 1 else tr("{count} epochs").format(count=found["epochs"])
    parts = [tr("{size} of memory").format(size=size(found["memory_bytes"]))]
    if found["gpu_memory_bytes"]:
        parts.append(tr("{size} on the graphics card").format(size=size(found["gpu_memory_bytes"])))
    parts.append(tr("{time} an epoch").format(time=exchange.duration(found["epoch_s"])))
    parts.append(tr("at most {time} for {epochs}").format(time=exchange.duration(found["total_s"]), epochs=epochs))
    text = tr("Needs about {parts}.").format(parts=", ".join(parts))
    if found["pieces"] > 1:
        text += " " + tr("Steps are cut into {count} pieces, to fit into memory.").format(count=found["pieces"])
    return Badge(GOOD, text, "\n".join(_labelled(found["roles"])))


def _labelled(roles: Dict[str, Dict[str, int]]) -> List[str]:
    """Return the labelled pixels of each role by class."""
    return [
        f"{title(role)}: " + ", ".join(f"{name} {grouped(count)} px" for name, count in pixels.items())
        for role, pixels in roles.items()
    ]
