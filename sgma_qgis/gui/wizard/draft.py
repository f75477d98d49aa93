"""What outlives a QGIS that was killed before the project was saved: the wizard's choices, and the layers they name.

One file a project, in the data folder. Of two windows that have the same project open, the first keeps one.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Iterable, List, Optional

from qgis.core import QgsProject, QgsReadWriteContext
from qgis.PyQt.QtCore import QLockFile
from qgis.PyQt.QtXml import QDomDocument

from ...model.contract import store

FOLDER = "drafts"


@dataclass
class _Held:
    """The draft of the project that is open. written, restored: by this window."""

    path: Path
    lock: QLockFile
    written: bool = False
    restored: bool = False


_held: Optional[_Held] = None


def is_elsewhere() -> bool:
    """Tell whether another window has this project's draft: then this one keeps none."""
    return _open() is None and _held is not None and _held.lock.error() == QLockFile.LockError.LockFailedError


def write(text: str, identifiers: Iterable[str]) -> None:
    """Keep the choices, and these layers of the project as far as they lie in files."""
    held = _open()
    if held is None:
        return
    layers = {identifier: _described(identifier) for identifier in identifiers}
    raw = {"project": QgsProject.instance().fileName(), "text": text, "layers": layers}
    part = held.path.with_suffix(".new")
    with suppress(OSError):  # a draft is a convenience: the choices are in the project
        part.write_text(json.dumps(raw), encoding="utf-8")
        part.replace(held.path)
        held.written = True


def read() -> str:
    """Return the choices that a draft of this project holds, '' where there is none."""
    return str(_content().get("text", ""))


def restore_layers() -> List[str]:
    """Add the layers that another session's draft has and the project has not, as they were; return their names."""
    held, project, names = _open(), QgsProject.instance(), []
    if held is None or held.written or held.restored:  # what is not there now was taken away by a person
        return []
    held.restored = True
    layers = _content().get("layers")
    for identifier, text in (layers if isinstance(layers, dict) else {}).items():
        document = QDomDocument()
        if not text or project.mapLayer(identifier) is not None or not _parsed(document, str(text)):
            continue
        project.readLayer(document.documentElement())
        layer = project.mapLayer(identifier)
        if layer is not None and not layer.isValid():  # its file is gone, too
            project.removeMapLayer(identifier)
        elif layer is not None:
            names.append(layer.name())
    return names


def forget() -> None:
    """Delete this window's draft: the project was saved, or left as a person wants it. What others left stays."""
    if _held is not None and _held.written:
        _held.written, _held.restored = False, True
        with suppress(OSError):
            _held.path.unlink()


def release() -> None:
    """Leave the project's draft to other windows."""
    global _held
    if _held is not None:
        _held.lock.unlock()
    _held = None


def _open() -> Optional[_Held]:
    """Return the draft of the project once it is this window's alone; None without a file, or where it is not."""
    global _held
    name = QgsProject.instance().fileName()
    path = _file(name) if name else None
    if _held is not None and _held.path != path:
        release()
    if path is None:
        return None
    if _held is None:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        _held = _Held(path, QLockFile(str(path.with_suffix(".lock"))))
        _held.lock.setStaleLockTime(0)  # that of a living process never is
    return _held if _held.lock.isLocked() or _held.lock.tryLock(0) else None


def _file(name: str) -> Path:
    return store.data_dir() / FOLDER / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.json"


def _content() -> Dict[str, Any]:
    held = _open()
    if held is None:
        return {}
    try:
        found = json.loads(held.path.read_text(encoding="utf-8"))
        return found if found["project"] == QgsProject.instance().fileName() else {}
    except (OSError, ValueError, TypeError, KeyError):
        return {}


def _described(identifier: str) -> str:
    """Return a layer's definition, '' for one that is gone with QGIS."""
    layer = QgsProject.instance().mapLayer(identifier)
    if layer is None or layer.providerType() == "memory":
        return ""
    document = QDomDocument()
    element = document.createElement("maplayer")
    document.appendChild(element)
    layer.writeLayerXml(element, document, QgsReadWriteContext())
    return document.toString(-1)


def _parsed(document: QDomDocument, text: str) -> bool:
    found: Any = document.setContent(text)  # a bool, or with what is wrong beside it, by Qt's version
    return bool(found[0] if isinstance(found, tuple) else found)
