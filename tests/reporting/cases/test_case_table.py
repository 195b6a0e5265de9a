"""The cases as Markdown: a row for each case, the rules beside them, no image."""

from __future__ import annotations

from cxrcompare.cases import CASES
from cxrcompare.cases.case_file import write_cases
from cxrcompare.cases.selecting import RULES
from cxrcompare.reporting.cases import case_table
from cxrcompare.reporting.report import fill

from .test_case_viewer import make


def test_every_case_has_a_row_with_scores_thresholds_and_calls():
    heading, about, rules, depth, table = case_table.part(make(left_out=7))
    assert heading == "## Cases"
    assert "at most 3 for each rule and finding. 7 more cases are left out." in about
    assert rules.splitlines() == [
        f"- **{RULES[rule][0]}**: {RULES[rule][1]}" for rule in ("miss", "split")
    ]
    assert "depth" in depth
    lines = table.splitlines()
    assert len(lines) == 2 + 3
    assert lines[2] == (
        "| Edema | Worst misses | p1/s1/v1.jpg | F | 61 | frontal PA | positive | "
        "0.100 (0.500) negative | 0.700 (0.500) positive |"
    )
    assert "&lt;i&gt;s1" in lines[3], "markup of an id is escaped"
    assert "| – | – | frontal PA | unknown |" in lines[3]
    assert lines[4].endswith("| 0.200 | 0.300 |"), "no threshold, no call"


def test_no_cases_no_part(tmp_path):
    assert case_table.part(make(cases=[])) == []
    assert case_table.of_folder(tmp_path) == []


def test_the_markdown_report_lists_the_cases_of_its_folder(make_comparison, tmp_path):
    write_cases(make(), tmp_path / CASES)
    fill(make_comparison(seeds=1), tmp_path)
    written = (tmp_path / "report.md").read_text()
    assert written.count("## Cases") == 1
    assert "p1/s1/v1.jpg" in written
    assert "base64" not in written
