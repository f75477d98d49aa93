"""The SGMA model runtime: pure Python, no QGIS, no Qt. `contract` is all that the plugin may import."""
