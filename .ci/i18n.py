"""Writes the translations' files, resources/i18n/sgma_LANGUAGE.ts, from the texts in the code: `make i18n`.

    python .ci/i18n.py [FILE.json]

Every text is a literal in a call of `tr`, or a unit's title in the sensors' table; all are in one context. Translations
that are there are kept, those of texts that are gone are dropped, new texts are marked as unfinished. FILE.json: {text:
translation}, put into the German file.
"""

from __future__ import annotations

import ast
import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CODE = ROOT / "sgma_qgis"
UNITS = ROOT / "model" / "contract" / "modality.py"  # no Qt there: the plugin translates where it shows them
FOLDER = ROOT / "resources" / "i18n"
LANGUAGES = ("de",)
CONTEXT = "SGMA"


def texts() -> dict[str, str]:
    """Return {text: 'file:line' of its first call} of every `tr("...")`. Raises ValueError for what is no literal."""
    found: dict[str, str] = {}
    for path in sorted(CODE.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        inner = {id(node) for call in _definitions(tree) for node in ast.walk(call)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or id(node) in inner:
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name != "tr":
                continue
            where = f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
            if len(node.args) != 1 or not isinstance(node.args[0], ast.Constant) or not node.args[0].value:
                raise ValueError(f"{where}: tr() needs a text between quotes, nothing else")
            found.setdefault(node.args[0].value, where)
    return {**_unit_titles(), **found}


def _unit_titles() -> dict[str, str]:
    """Return {title: 'file:line'} of every `Unit(key, title, ...)`."""
    calls = [node for node in ast.walk(ast.parse(UNITS.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    units = [call for call in calls if getattr(call.func, "id", "") == "Unit"]
    return {call.args[1].value: f"{UNITS.relative_to(ROOT).as_posix()}:{call.lineno}" for call in units}


def _definitions(tree: ast.AST) -> list[ast.AST]:
    """Return the definitions of `tr` itself: what they hand on is no literal."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "tr"]


def read(language: str) -> dict[str, str]:
    """Return {text: translation} of a language's file, without the unfinished ones."""
    path = FOLDER / f"sgma_{language}.ts"
    if not path.exists():
        return {}
    found = {}
    for message in ET.parse(path).getroot().iter("message"):
        translation = message.find("translation")
        if translation.get("type") is None and translation.text:
            found[message.findtext("source")] = translation.text
    return found


def write(language: str, sources: dict[str, str], known: dict[str, str]) -> list[str]:
    """Write a language's file and return the texts that have no translation."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    context = ET.SubElement(root, "context")
    ET.SubElement(context, "name").text = CONTEXT
    for source in sorted(sources):
        message = ET.SubElement(context, "message")
        ET.SubElement(message, "source").text = source
        translation = ET.SubElement(message, "translation")
        if source in known:
            translation.text = known[source]
        else:
            translation.set("type", "unfinished")
    ET.indent(root, " ")
    body = ET.tostring(root, encoding="unicode")
    (FOLDER / f"sgma_{language}.ts").write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8"
    )
    return [source for source in sorted(sources) if source not in known]


def main(more: str = "") -> None:
    sources = texts()
    for language in LANGUAGES:
        known = read(language)
        if more and language == "de":
            known.update(json.loads(Path(more).read_text(encoding="utf-8")))
        missing = write(language, sources, known)
        sys.stdout.write(f"{language}: {len(sources)} texts, {len(missing)} without a translation\n")
        for source in missing:
            sys.stdout.write(f"  {sources[source]}: {source!r}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
