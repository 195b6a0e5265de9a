"""Writes the report of a comparison: HTML page, Markdown, LaTeX tables and SVG figures."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from cxrcompare.cases import CASES
from cxrcompare.comparison.result.comparison import Comparison, read
from cxrcompare.comparison.result.saving import FILE, KIND
from cxrcompare.filesystem import files, manifests, output_folder
from cxrcompare.reporting.formats import (
    figure_files,
    latex,
    markdown,
    page,
    paper_tables,
    table_files,
)
from cxrcompare.reporting.results.lookup import Results

_OURS = ("report.html", "report.md", "tables/", "figures/")


def write_report(comparison: Comparison, out: str | os.PathLike[str]) -> None:
    """Writes `report.html`, `report.md`, `tables/` and `figures/*.svg`.

    The output is deterministic: the same comparison gives the same bytes on any day and machine.
    The page is one self-contained file that makes no network requests.

    Args:
        comparison: The comparison; nothing else is read.
        out: The comparison's folder: new, empty, or written by an earlier call and without other
            files. An earlier report is replaced completely, including manual edits; the other
            files of the comparison are kept.

    Raises:
        InputError: The folder contains a file that is not in the manifest.
    """
    out = Path(out)
    with output_folder.replacing(out, KIND) as folder:
        _keep(out, folder)
        fill(comparison, folder)


def rewrite(
    out: str | os.PathLike[str], before: Callable[[Comparison, Path], None] | None = None
) -> None:
    """Writes the report of a finished comparison again, from its `comparison.json`.

    Args:
        out: The comparison's folder, or a folder that contains only `comparison.json`.
        before: Called with the comparison and the new folder, before the report is written.

    Raises:
        InputError: There is no complete `comparison.json`, or the folder contains other files.
    """
    out = Path(out)
    with output_folder.replacing(out, KIND, adopts=FILE) as folder:
        comparison = read(out / FILE)
        _keep(out, folder)
        if before is not None:
            before(comparison, folder)
        fill(comparison, folder)


def fill(comparison: Comparison, folder: Path) -> Results:
    """Writes the report to a folder without a report, e.g. from `output_folder.replacing`.

    If the folder has the file `cases.json`, the page shows its cases, and the Markdown lists them.

    Returns:
        The rows of the comparison by name.
    """
    results, (viewer, cases) = Results(comparison), _cases(folder)
    drawn = page.figures(results)
    for name, content in latex.tables(results).items():
        files.write_part(folder / "tables" / f"{name}.tex", content)
    table_files.write(paper_tables.paper_tables(results), folder / "tables")
    for name, figure in drawn.items():
        content = figure_files.draw(name, figure, results.networks)
        files.write_part(folder / "figures" / f"{name}.svg", content)
    files.write_part(folder / "report.md", markdown.render(results, drawn, cases))
    files.write_part(folder / "report.html", page.render(results, drawn, viewer))
    return results


def _cases(folder: Path) -> tuple[str, list[str]]:
    """Returns the cases for the page and the paragraphs for the Markdown; empty without cases."""
    if not (folder / CASES).is_file():
        return "", []
    # Loaded here: most comparisons have no cases.
    from cxrcompare.reporting.cases import case_table, case_viewer

    return case_viewer.of_folder(folder), case_table.of_folder(folder)


def _keep(out: Path, folder: Path) -> None:
    """Copies the files of the comparison that are not part of the report."""
    for path in manifests.contents(out):
        if not path.startswith(_OURS):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            with files.naming(folder / path):
                shutil.copy2(out / path, folder / path)
