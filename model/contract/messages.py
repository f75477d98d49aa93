r"""Worker protocol 1: one JSON object a line over pipes, UTF-8.

Requests (client to worker):
    {"type": "hello", "protocol": 1}
    {"type": "run", "id": "a1", "job": {"kind": "segment", ...}}
    {"type": "cancel", "id": "a1"}
    {"type": "stop", "id": "a1"}                    train: end now and keep the best
    {"type": "pause", "id": "a1"}, {"type": "resume", "id": "a1"}
    {"type": "quit"}
Events (worker to client), for every run exactly one of done, cancelled, failed, crashed at the end:
    {"type": "ready", "protocol": 1, "versions": {...}, "devices": [...], "models": [...]}
    {"type": "started", "id": "a1"}
    {"type": "progress", "id": "a1", "stage": "segment", "done": 3, "total": 16, "rate": 1.9, "eta_s": 7.1}
    {"type": "log", "id": "a1", "level": "warning", "text": "..."}
    {"type": "block", "id": "a1", "path": "...", "window": [col, row, width, height]}
    {"type": "metrics", "id": "a1", "epoch": 2, "step": 80, "values": {...}}
    {"type": "example", "id": "a1", "path": "..."}
    {"type": "done", "id": "a1", "result": {...}}
    {"type": "cancelled", "id": "a1"}
    {"type": "failed", "id": "a1", "code": "bad_input", "message": "...", "hint": "...", "detail": "..."}
    {"type": "crashed", "id": "a1", "exit_code": -9, "stderr_tail": "..."}    made by the client itself
Unknown fields are ignored; another protocol number is refused in words.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Dict, List, Optional, Tuple

PROTOCOL = 1


@dataclass(frozen=True)
class Hello:
    protocol: int = PROTOCOL
    type: str = "hello"


@dataclass(frozen=True)
class Run:
    id: str
    job: Dict[str, Any]
    type: str = "run"


@dataclass(frozen=True)
class Cancel:
    id: str
    type: str = "cancel"


@dataclass(frozen=True)
class Stop:
    """End the job early and keep what it has: a training keeps its best weights. Other jobs ignore it."""

    id: str
    type: str = "stop"


@dataclass(frozen=True)
class Pause:
    """Wait at the next check, until Resume, Stop or Cancel."""

    id: str
    type: str = "pause"


@dataclass(frozen=True)
class Resume:
    id: str
    type: str = "resume"


@dataclass(frozen=True)
class Quit:
    type: str = "quit"


@dataclass(frozen=True)
class Ready:
    protocol: int
    versions: Dict[str, str] = field(default_factory=dict)
    devices: List[str] = field(default_factory=list)
    models: List[str] = field(default_factory=list)
    type: str = "ready"


@dataclass(frozen=True)
class Started:
    id: str
    type: str = "started"


@dataclass(frozen=True)
class Progress:
    """done of total units of a stage; rate in units a second; eta_s seconds left, None while unknown."""

    id: str
    stage: str
    done: int
    total: int
    rate: Optional[float] = None
    eta_s: Optional[float] = None
    type: str = "progress"


@dataclass(frozen=True)
class Log:
    """level: info, warning or error."""

    id: str
    level: str
    text: str
    type: str = "log"


@dataclass(frozen=True)
class Block:
    """A finished part of the classes raster. window: (col, row, width, height) on the output grid."""

    id: str
    path: str
    window: Tuple[int, int, int, int]
    type: str = "block"


@dataclass(frozen=True)
class Metrics:
    """How a training goes, after an epoch. values: loss, rate; where there is validation data miou, the mean over
    combinations, and combinations: [{sensors, miou, iou: {class name: ..}}]."""

    id: str
    epoch: int
    step: int
    values: Dict[str, Any]
    type: str = "metrics"


@dataclass(frozen=True)
class Example:
    """A picture of how the training maps one window: a PNG of layer, labels and map, replaced by the next one."""

    id: str
    path: str
    type: str = "example"


@dataclass(frozen=True)
class Done:
    id: str
    result: Dict[str, Any]
    type: str = "done"


@dataclass(frozen=True)
class CancelledEvent:
    id: str
    type: str = "cancelled"


@dataclass(frozen=True)
class Failed:
    id: str
    code: str
    message: str
    hint: str = ""
    detail: str = ""
    type: str = "failed"


@dataclass(frozen=True)
class Crashed:
    id: str
    exit_code: int
    stderr_tail: str
    type: str = "crashed"


REQUESTS = {cls.__dataclass_fields__["type"].default: cls for cls in (Hello, Run, Cancel, Stop, Pause, Resume, Quit)}
EVENTS = {
    cls.__dataclass_fields__["type"].default: cls
    for cls in (Ready, Started, Progress, Log, Block, Metrics, Example, Done, CancelledEvent, Failed, Crashed)
}
FINAL = (Done, CancelledEvent, Failed, Crashed)


def encode(message: Any) -> bytes:
    """Return the message as one line of UTF-8 JSON ending in a newline."""
    return json.dumps(asdict(message), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"


def decode(line: bytes, kinds: Dict[str, type]) -> Any:
    """Return the message in `line`, one of `kinds` (REQUESTS or EVENTS), without unknown fields. Raises ValueError."""
    raw = json.loads(line.decode("utf-8"))
    if not isinstance(raw, dict) or raw.get("type") not in kinds:
        raise ValueError(f"not a message of protocol {PROTOCOL}: {line[:120]!r}")
    cls = kinds[raw["type"]]
    try:
        return cls(**{name: raw[name] for name in cls.__dataclass_fields__ if name in raw})
    except TypeError as error:
        raise ValueError(f"{raw['type']} is not complete: {error}") from None
