"""Maps from a few strokes: features kept, a small head fitted in a moment."""
