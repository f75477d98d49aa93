"""The tile engine: layers and a model in, a land cover map out."""
