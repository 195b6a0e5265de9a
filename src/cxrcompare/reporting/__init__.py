"""Reports of a comparison: HTML, Markdown, LaTeX tables and SVG figures, from its result alone."""

from cxrcompare.reporting.report import write_report

__all__ = ["write_report"]
