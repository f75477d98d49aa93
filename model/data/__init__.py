"""Rasters and vectors in, rasters and vectors out; labels, chips and generated scenes."""
