"""SGMA for QGIS: land cover from whatever sensors exist."""

from pathlib import Path

# One name, `sgma_qgis.model`, everywhere: in the packaged plugin `model/` lies inside this folder;
# in a checkout it lies beside it (also when only this folder is linked into a profile),
# so the checkout root joins this package's search path.
if not (Path(__file__).parent / "model").is_dir():
    __path__.append(str(Path(__file__).resolve().parent.parent))


def classFactory(iface):  # noqa: N802  (name fixed by QGIS)
    """Return the plugin; called by QGIS."""
    from .plugin import SgmaPlugin

    return SgmaPlugin(iface)
