"""SVG figures: drawing primitives, and one module per group of figures."""
