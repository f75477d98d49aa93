"""What a trial of the training told: memory, time, pixels by role, in words."""

from __future__ import annotations

from typing import Any, Dict

from ... import exchange
from ...i18n import tr
from ..checking import size


def sentence(found: Dict[str, Any]) -> str:
    """Return what the training will need. found: the result of a dry run."""
    total = exchange.duration(found["total_s"])
    parts = [
        tr("{size} of memory").format(size=size(found["memory_bytes"])),
        tr("{time} an epoch").format(time=exchange.duration(found["epoch_s"])),
        tr("at most {time} for {epochs} epochs").format(time=total, epochs=found["epochs"]),
    ]
    return tr("Needs about {parts}.").format(parts=", ".join(parts))
