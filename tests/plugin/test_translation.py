"""Translations: every text of the plugin has one, placeholders and keys agree, and QGIS's language chooses the file."""

import importlib.util
import re
import shutil
import string
import subprocess

import pytest
from plugin_support import ROOT
from qgis.PyQt.QtCore import QCoreApplication, QTranslator

from sgma_qgis import i18n, language
from sgma_qgis.model.contract.modality import UNITS

FOLDER = ROOT / "resources" / "i18n"
LANGUAGES = [path.stem.partition("_")[2] for path in sorted(FOLDER.glob("sgma_*.ts"))]

_spec = importlib.util.spec_from_file_location("sgma_i18n_tool", ROOT / ".ci" / "i18n.py")
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)


def placeholders(text):
    """Return the sorted names and formats between braces."""
    return sorted((name, form) for _, name, form, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_a_translation(language):
    texts, known = tool.texts(), tool.read(language)
    missing = [f"{where}: {text!r}" for text, where in texts.items() if text not in known]
    assert not missing, "make i18n, then translate what is marked as unfinished:\n" + "\n".join(missing)
    assert set(known) == set(texts), "make i18n drops what is gone"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_what_is_filled_in(language):
    for text, translation in tool.read(language).items():
        assert placeholders(text) == placeholders(translation), text
        assert text.count("\n") == translation.count("\n"), text
        assert bool(re.search(r"&\w", text)) == bool(re.search(r"&\w", translation)), f"access key of {text!r}"
        assert text[:1].isspace() == translation[:1].isspace(), text


def test_a_text_that_is_no_literal_is_found(tmp_path, monkeypatch):
    (tmp_path / "x.py").write_text("from .i18n import tr\nname = 'a'\ntr(f'{name} b')\n")
    monkeypatch.setattr(tool, "CODE", tmp_path)
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    with pytest.raises(ValueError, match="x.py:3"):
        tool.texts()


class Louder(QTranslator):
    """A language in which units are written in capital letters."""

    def isEmpty(self):
        return False

    def translate(self, context, text, *ignored):
        known = context == i18n.CONTEXT and text in {unit.title for unit in UNITS.values()}
        return text.upper() if known else ""


def test_units_are_translated_where_they_are_shown(qgis_app):
    from sgma_qgis.gui.layers_panel import LayersPanel

    assert {unit.title for unit in UNITS.values()} <= set(tool.texts())
    assert i18n.unit_title("dsm_ft") == "surface height, ft" and i18n.unit_title("furlongs") == "furlongs"
    louder = Louder()
    QCoreApplication.installTranslator(louder)
    try:
        panel = LayersPanel()
        unit = panel.rows["dsm"].unit
        assert [unit.itemText(i) for i in range(1, unit.count())] == [
            *("SURFACE HEIGHT, M", "HEIGHT ABOVE GROUND, M", "SURFACE HEIGHT, FT", "HEIGHT ABOVE GROUND, FT"),
        ]
    finally:
        QCoreApplication.removeTranslator(louder)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory, qgis_app):
    """The compiled translations, as `make stage` makes them."""
    lrelease = shutil.which("lrelease") or pytest.skip("no lrelease: apt-get install qttools5-dev-tools")
    folder = tmp_path_factory.mktemp("i18n")
    for path in FOLDER.glob("*.ts"):
        subprocess.run([lrelease, "-silent", str(path), "-qm", str(folder / f"{path.stem}.qm")], check=True)
    return folder


@pytest.mark.parametrize("locale, expected", [("de", "Fertig"), ("de_AT", "Fertig"), ("fr", "Done"), ("en_US", "Done")])
def test_the_language_is_chosen(compiled, locale, expected):
    try:
        assert i18n.load(locale, compiled) is (expected != "Done")
        assert i18n.tr("Done") == expected
    finally:
        i18n.unload()
    assert i18n.tr("Done") == "Done"


def test_what_the_service_says_is_translated(compiled, monkeypatch):
    monkeypatch.setattr(language, "translate", i18n.tr)
    try:
        i18n.load("de", compiled)
        assert language.tr("Done") == "Fertig"
    finally:
        i18n.unload()


def test_the_window_of_the_settings_is_german(compiled, data_dir, fake_python):
    from sgma_qgis.gui.settings_page import SettingsPage

    try:
        i18n.load("de", compiled)
        page = SettingsPage()
        assert page.move_button.text() == "&Verschieben …"
        assert page.install.button.text() == "&Installieren"
        page.deleteLater()
    finally:
        i18n.unload()
