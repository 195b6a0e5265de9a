"""Writes the paper kit: methods section, BibTeX, reporting checklists, and tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from cxrcompare.comparison.result.comparison import TABLES, Comparison
from cxrcompare.filesystem import files, output_folder
from cxrcompare.filesystem.spreadsheet_cells import csv_text
from cxrcompare.reporting.formats import latex
from cxrcompare.reporting.narrative.checklist import NOT_STATED, Checklist, checklists
from cxrcompare.reporting.paper import bibliography, methods_section
from cxrcompare.reporting.results.lookup import Results

KIND = "paper kit"
"""The kind of folder in its manifest."""

TODO = "to be stated by the author"
_OF_PATIENTS = {"disagreements"}
"""Tables with ids and labels of patients, which are not for a paper."""
_FILES = {"TRIPOD+AI": "tripod-ai", "CLAIM 2024 Update": "claim-2024"}


def write(comparison: Comparison, out: Path) -> dict[str, str]:
    """Writes the files of the kit to a folder, which is replaced completely.

    The files are `methods.md`, `methods.tex`, `references.bib`, `tripod-ai.md`, `tripod-ai.csv`,
    `claim-2024.md`, `claim-2024.csv`, `tables/*.tex` and `tables/*.csv`.

    Args:
        comparison: The comparison; nothing else is read.
        out: New, empty, or an earlier paper kit with nothing else in it.

    Returns:
        What the kit has, by name, for a short table.

    Raises:
        InputError: The folder contains something else.
    """
    results = Results(comparison)
    version = (comparison.protocol["versions"] or {}).get("cxrcompare")
    references = methods_section.cited(results)
    with output_folder.replacing(out, KIND) as folder:
        files.write_part(folder / "methods.md", methods_section.markdown(results))
        files.write_part(folder / "methods.tex", methods_section.latex(results))
        files.write_part(folder / "references.bib", bibliography.bibtex(references, version))
        for name, content in latex.tables(results).items():
            files.write_part(folder / "tables" / f"{name}.tex", content)
        for name in set(TABLES) - _OF_PATIENTS:
            frame = getattr(comparison, name)
            if len(frame):
                files.write_part(folder / "tables" / f"{name}.csv", csv_text(frame))
        lists = checklists(results)
        for one in lists:
            files.write_part(folder / f"{_FILES[one.name]}.md", checklist_markdown(one))
            files.write_part(folder / f"{_FILES[one.name]}.csv", _checklist_csv(one))
    answered = {one.name: f"{one.filled} of {len(one.lines)} items answered" for one in lists}
    return {"methods": "methods.md, methods.tex", "references": str(len(references)), **answered}


def checklist_markdown(one: Checklist) -> str:
    """Returns a checklist as Markdown: a table of all items, answered or left to the author."""
    lines = [
        f"# {one.name}",
        "",
        f"{one.source} Items are paraphrased. The comparison answers {one.filled} of "
        f"{len(one.lines)} items; the author must check these and state the others.",
        "",
        "| item | requirement | reported |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| {line.item} | {_cell(line.requirement)} | {_cell(_reported(line.reported))} |"
        for line in one.lines
    ]
    return "\n".join(lines) + "\n"


def _reported(words: str) -> str:
    return f"**{TODO}**" if words == NOT_STATED else words


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", r"\|")


def _checklist_csv(one: Checklist) -> str:
    rows = [
        (line.item, line.requirement, int(answered), line.reported if answered else "")
        for line in one.lines
        for answered in [line.reported != NOT_STATED]
    ]
    return csv_text(pd.DataFrame(rows, columns=["item", "requirement", "answered", "reported"]))
