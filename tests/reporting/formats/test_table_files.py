"""The tables of a report as CSV, HTML and Excel."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.formats import paper_tables, table_files
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections.section import ShownTable

HOSTILE = ShownTable(
    "A <b>caption</b>",
    ("Network", "n"),
    (("=1+1", "1,024"), ("<script>alert(1)</script>", "−0.5")),
    1,
)


class _Cells(HTMLParser):
    """Collects the tags and the text of the cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)
        if tag in ("td", "th"):
            self.words.append("")

    def handle_data(self, data: str) -> None:
        if self.words and self.tags[-1] in ("td", "th"):
            self.words[-1] += data.strip("\n")


def test_html_and_csv_keep_hostile_names_as_text() -> None:
    page = _Cells()
    page.feed(table_files.as_html(HOSTILE))
    assert "script" not in page.tags
    assert page.words == ["Network", "n", *HOSTILE.body[0], *HOSTILE.body[1]]
    rows = list(csv.reader(StringIO(table_files.as_csv(HOSTILE))))
    assert rows == [["Network", "n"], ["'=1+1", "1,024"], ["<script>alert(1)</script>", "−0.5"]]


def test_excel_has_numbers_text_and_no_formula(tmp_path: Path) -> None:
    pytest.importorskip("xlsxwriter")
    for name in ("one.xlsx", "two.xlsx"):
        table_files.write_excel({"hostile": HOSTILE}, tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        words = book.read("xl/sharedStrings.xml").decode()
    assert "<f>" not in sheet
    assert "<v>1024</v>" in sheet
    assert "<v>-0.5</v>" in sheet
    assert "=1+1" in words


def test_every_table_has_the_files_and_rows(comparison: Comparison, tmp_path: Path) -> None:
    tables = paper_tables.paper_tables(Results(comparison))
    table_files.write(tables, tmp_path)
    assert {"metrics_ranking", "differences", "ranks", "auroc_by_finding"} <= set(tables)
    for name, one in tables.items():
        assert {len(row) for row in one.body} == {len(one.head)}, name
        read = list(csv.reader(StringIO((tmp_path / f"{name}.csv").read_text(encoding="utf-8"))))
        assert len(read) == len(one.body) + 1
        assert (tmp_path / f"{name}.html").is_file()


def test_a_table_without_rows_is_left_out(make_comparison: Callable[..., Comparison]) -> None:
    one = Results(make_comparison(networks=("a",), findings=("Edema",)))
    assert "differences" not in paper_tables.paper_tables(one)


_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _sheets(path: Path) -> dict[str, list[list[str]]]:
    """Returns {sheet: rows of text} of an Excel file, read from its XML."""
    with zipfile.ZipFile(path) as book:
        root = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        words = ["".join(one.itertext()) for one in root]
        names = [
            one.attrib["name"]
            for one in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
        ]
        found = {}
        for number, name in enumerate(names, 1):
            sheet = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            found[name] = [
                [
                    words[int(cell.findtext(f"{_MAIN}v") or 0)]
                    if cell.attrib.get("t") == "s"
                    else cell.findtext(f"{_MAIN}v") or ""
                    for cell in row
                ]
                for row in sheet.iter(f"{_MAIN}row")
            ]
    return found


def test_the_excel_file_holds_every_table_of_a_full_comparison(
    everything: Comparison, tmp_path: Path
) -> None:
    pytest.importorskip("xlsxwriter")
    tables = paper_tables.paper_tables(Results(everything))
    table_files.write(tables, tmp_path)
    found = _sheets(tmp_path / table_files.EXCEL)
    assert list(found) == [name[:31] for name in tables]
    assert len(found) > 30
    for (caption, head, *body), one in zip(found.values(), tables.values(), strict=True):
        assert caption == [one.caption]
        assert head == list(one.head)
        assert len(body) == len(one.body)
        for row, cells in zip(body, one.body, strict=True):
            assert len(row) == len(cells)
            for shown, cell in zip(row, cells, strict=True):
                plain = cell.replace("−", "-").replace(",", "")
                assert shown == cell or float(shown) == float(plain)
