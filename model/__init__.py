"""The SGMA model runtime: pure Python, no QGIS, no Qt. `contract` is all that the plugin may import."""

__version__ = "0.1.0"
