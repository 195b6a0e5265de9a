"""Reports of a comparison: HTML page, Markdown, LaTeX tables and SVG figures."""

from cxrcompare.reporting.report import write_report

__all__ = ["write_report"]
