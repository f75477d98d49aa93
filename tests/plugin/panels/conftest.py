"""A window and four layers, for panels by themselves: no service, no worker."""

import pytest
from gui_support import add
from plugin_support import make_card

from sgma_qgis.gui.layers_panel import LayersPanel


@pytest.fixture()
def rasters(iface, layers):
    return {name.lower(): add(path, name) for name, path in layers.items()}


@pytest.fixture()
def panel(rasters):
    found = LayersPanel()
    found.set_card(make_card())
    return found
