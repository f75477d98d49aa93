"""How algorithms explain themselves; parameters: with help, among the advanced ones, empty, with values to choose."""

from __future__ import annotations

from typing import Any, Optional, Sequence

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..icons import resource


def with_picture(text: str, name: str, caption: str) -> str:
    """Return a help text, `resources/help/NAME.png` and what it shows above it; `qgis_process` gets the text alone."""
    from qgis.utils import iface  # here: it changes, and without a window nobody has loaded it

    if iface is None:
        return text
    return f'<img src="{resource("help", name + ".png").as_uri()}">\n<i>{caption}</i>\n{text}'


def optional_number(
    name: str, text: str, kind: Any, least: float, most: Optional[float] = None
) -> QgsProcessingParameterNumber:
    """Return a number parameter that may be left empty."""
    limits = {"minValue": least} if most is None else {"minValue": least, "maxValue": most}
    return QgsProcessingParameterNumber(name, text, kind, None, True, **limits)


def suggest(parameter: QgsProcessingParameterString, values: Sequence[str]) -> QgsProcessingParameterString:
    """Return the text parameter with values to choose from; any other may be typed."""
    # By name: the widget's module belongs to screens, and is imported by them alone.
    widget = f"{__package__}.suggestions.SuggestionsWidget"
    parameter.setMetadata({"widget_wrapper": {"class": widget, "values": list(values)}})
    return parameter


def with_help(parameter: QgsProcessingParameterDefinition, text: str) -> QgsProcessingParameterDefinition:
    """Return the parameter with its help set."""
    parameter.setHelp(text)
    return parameter


def add_advanced(algorithm: QgsProcessingAlgorithm, parameter: QgsProcessingParameterDefinition, text: str) -> None:
    """Add a parameter among the advanced ones, with its help."""
    parameter.setFlags(parameter.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
    algorithm.addParameter(with_help(parameter, text))
