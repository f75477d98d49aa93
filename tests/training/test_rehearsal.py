"""A trial without data is refused as the training would be, not measured."""

from dataclasses import replace

import pytest

from sgma_qgis.model.contract.errors import BadInput
from sgma_qgis.model.nn import build
from sgma_qgis.model.training.recipe import Recipe
from sgma_qgis.model.training.rehearsal import rehearse
from tests.training.scenes import make_card, make_set

RECIPE = Recipe(epochs=2, crop=32, batch=4, least_steps=0)


@pytest.mark.parametrize("minutes", [0.0, 1.0])
def test_no_crop_with_data_is_refused(feedback, minutes):
    chips = make_set(counts=(4, 0, 0))
    network = build.build(make_card(chips))
    chips.roles["train"].valid[:] = False
    with pytest.raises(BadInput, match="No crop of the training data has a pixel of data"):
        rehearse(network, chips, replace(RECIPE, minutes=minutes), feedback)
