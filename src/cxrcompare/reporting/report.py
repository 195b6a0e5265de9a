"""The report of a comparison: a page, a Markdown file, LaTeX tables and SVG figures."""

from __future__ import annotations

import os
from pathlib import Path

from cxrcompare import files
from cxrcompare.comparison.result import Comparison
from cxrcompare.reporting import latex, markdown, page, picture
from cxrcompare.reporting.estimates import Results


def write_report(comparison: Comparison, out: str | os.PathLike[str]) -> None:
    """Writes `report.html`, `report.md`, `tables/*.tex` and `figures/*.svg`.

    The same comparison gives the same bytes, on any day and machine. The page is one file that
    asks the network for nothing.

    Args:
        comparison: What was compared; nothing else is read.
        out: The comparison's folder; made where it is not there. Figures and tables of an earlier
            report in it are removed.
    """
    out, results = Path(out), Results(comparison)
    drawn = page.figures(results)
    tables = {f"{name}.tex": content for name, content in latex.tables(results).items()}
    pictures = {
        f"{name}.svg": picture.draw(name, figure, results.networks)
        for name, figure in drawn.items()
    }
    _replace(out / "tables", "*.tex", tables)
    _replace(out / "figures", "*.svg", pictures)
    files.write_text(out / "report.md", markdown.render(results, drawn))
    files.write_text(out / "report.html", page.render(results, drawn))


def _replace(folder: Path, pattern: str, content: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, written in content.items():  # hundreds: not each flushed to the disk by itself
        (folder / name).write_text(written, encoding="utf-8", newline="\n")
    for old in folder.glob(pattern):
        if old.name not in content:
            old.unlink()
