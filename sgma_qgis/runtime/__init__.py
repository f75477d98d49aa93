"""The runtime: the Python that holds torch and rasterio, and the worker process started with it. No qgis import."""
