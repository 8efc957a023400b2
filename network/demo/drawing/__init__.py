"""The demo's pictures, drawn as SVG by code: one module per site, shared strokes in ``strokes``."""
