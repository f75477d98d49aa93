"""Strokes: classes painted on the map, and a map that follows them."""
