"""The report's files: whole, the same bytes each time, and safe whatever the names."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from cxrcompare.comparison.result.comparison import Comparison, read, table
from cxrcompare.reporting import write_report

HOSTILE = (
    '<script>alert("x")</script>',
    "a\"'b & c",
    "日本語ネット",
    "n" * 80,
    "</script><img src=x onerror=alert(1)>",
)

CASES: dict[str, dict[str, object]] = {
    "plain": {},
    "one network": {"networks": ("densenet121",)},
    "one finding": {"findings": ("Edema",)},
    "one network, one finding": {"networks": ("a",), "findings": ("Edema",)},
    "a finding undefined": {"findings": ("Edema", "Fracture"), "undefined": ("Fracture",)},
    "all findings undefined": {"findings": ("Edema",), "undefined": ("Edema",)},
    "readers and subgroups": {"findings": ("Edema", "Mass"), "readers": 3, "subgroups": True},
    "hostile names": {
        "networks": HOSTILE,
        "findings": ("<b>Bold</b>", 'A & "b" | `c`', "100% _$#"),
    },
    "nothing stated": {"findings": ("Edema",), "data": None, "split": None, "versions": None},
}


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize("case", CASES)
def test_every_case_makes_a_whole_report(
    case: str, make_comparison: Callable[..., Comparison], tmp_path: Path
) -> None:
    comparison = make_comparison(**CASES[case])
    write_report(comparison, tmp_path)
    page = (tmp_path / "report.html").read_text()
    elements = _Elements()
    elements.feed(page)
    ids = [attributes["id"] for _, attributes in elements.found if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = [a["href"] for tag, a in elements.found if tag == "a" and a.get("href")]
    assert {str(target)[1:] for target in targets if str(target).startswith("#")} <= set(ids)
    assert "nan" not in re.sub(r"<[^>]*>", " ", page.split('id="data"')[0]).split()
    assert "None" not in re.sub(r"<style.*?</style>|<[^>]*>", " ", page.split('id="data"')[0])
    for figure in (tmp_path / "figures").glob("*.svg"):
        ElementTree.parse(figure)
        assert "var(" not in figure.read_text()
    assert (tmp_path / "report.md").read_text().startswith("# ")


def test_no_sample_size_is_taken_from_an_observed_difference(report_folder: Path) -> None:
    for name in ("report.html", "report.md"):
        words = (report_folder / name).read_text()
        for gone in ("What would settle it", "Times the present", "needed", "#settle"):
            assert gone not in words, (name, gone)
        assert "Next steps" in words


def test_a_metric_without_a_mean_is_a_dash_on_the_page_and_no_column_elsewhere(
    make_comparison: Callable[..., Comparison], tmp_path: Path
) -> None:
    plain = make_comparison(findings=("Edema", "Mass"), networks=("a", "b"))
    auroc = plain.metrics[plain.metrics["metric"] == "auroc"]
    slope = auroc[auroc["finding"] != "mean"].assign(metric="other_metric")
    metrics = pd.concat([plain.metrics, slope], ignore_index=True)
    write_report(dataclasses.replace(plain, metrics=metrics), tmp_path)
    page = (tmp_path / "report.html").read_text()
    assert 'data-metric="other_metric"' in page
    assert "<td>–" in page
    assert "other metric" not in (tmp_path / "tables/metrics_ranking.tex").read_text()
    table = (tmp_path / "report.md").read_text().split("## Main table")[1].split("## Diff")[0]
    assert "other metric" not in table


def test_the_page_asks_the_network_for_nothing(report_folder: Path) -> None:
    page = (report_folder / "report.html").read_text()
    elements = _Elements()
    elements.feed(page)
    for _, attributes in elements.found:
        for key in ("src", "href", "action", "data"):
            value = attributes.get(key)
            assert value is None or value.startswith(("#", "data:,"))
    assert "url(" not in page
    assert "@import" not in page


def test_the_same_comparison_gives_the_same_bytes(
    comparison: Comparison, report_folder: Path, tmp_path: Path
) -> None:
    comparison.write(tmp_path / "comparison.json")
    write_report(read(tmp_path / "comparison.json"), tmp_path / "again")
    assert _files(tmp_path / "again") == _files(report_folder)


def test_numbers_that_are_not_defined_come_back_the_same(
    make_comparison: Callable[..., Comparison], tmp_path: Path
) -> None:
    nan = float("nan")
    pair = {
        "model_a": "a",
        "model_b": "b",
        "finding": "Edema",
        "metric": "auroc",
        "low": nan,
        "high": nan,
        "p_value": nan,
        "p_adjusted": nan,
        "simultaneous_low": nan,
        "simultaneous_high": nan,
        "verdict": "",
        "p_equivalence": nan,
        "subgroup": "",
        "method": "DeLong",
        "standard_error": nan,
        "bootstrap_standard_error": nan,
    }
    gap = {
        "against": "rest",
        "verdict": "",
        "model": "a",
        "column": "Sex",
        "value": "F",
        "finding": "mean",
        "metric": "auroc",
        "low": nan,
        "high": nan,
        "p_value": nan,
        "p_adjusted": nan,
    }
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b"), findings=("Edema",), readers=2, subgroups=True),
        against_trivial=table(
            "against_trivial",
            [pair | {"model_b": "nothing positive", "difference": d} for d in (nan, 0.1)],
        ),
        analytic=table("analytic", [pair | {"difference": d} for d in (nan, 0.1)]),
        subgroup_gaps=table("subgroup_gaps", [gap | {"difference": d} for d in (nan, 0.1)]),
        degenerate_replicates={"Edema": 0},
        readers_below={"a": {"Edema": nan, "mean": nan}},
    )
    write_report(comparison, tmp_path / "first")
    comparison.write(tmp_path / "comparison.json")
    write_report(read(tmp_path / "comparison.json"), tmp_path / "again")
    assert _files(tmp_path / "again") == _files(tmp_path / "first")


def test_five_networks_and_14_findings_stay_under_5_mb(report_folder: Path) -> None:
    assert (report_folder / "report.html").stat().st_size < 5_000_000


def test_figures_of_an_earlier_report_are_removed(
    make_comparison: Callable[..., Comparison], tmp_path: Path
) -> None:
    write_report(make_comparison(findings=("Edema", "Mass"), networks=("a", "b")), tmp_path)
    write_report(make_comparison(findings=("Edema",), networks=("a", "b")), tmp_path)
    assert not [path for path in (tmp_path / "figures").iterdir() if "mass" in path.name]


def test_hostile_names_are_shown_verbatim_and_add_no_element(
    make_comparison: Callable[..., Comparison], tmp_path: Path
) -> None:
    findings = ("Edema", "Mass")
    plain = make_comparison(networks=("a", "b", "c", "d", "e"), findings=findings)
    write_report(plain, tmp_path / "plain")
    write_report(make_comparison(networks=HOSTILE, findings=findings), tmp_path / "hostile")
    counted = []
    for name in ("plain", "hostile"):
        elements = _Elements()
        elements.feed((tmp_path / name / "report.html").read_text())
        counted.append(sorted(tag for tag, _ in elements.found))
    assert counted[0] == counted[1]
    page = (tmp_path / "hostile" / "report.html").read_text()
    assert "<img" not in page
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
    assert "n" * 80 in page
    markdown = (tmp_path / "hostile" / "report.md").read_text()
    assert "<script" not in markdown
    assert "<img" not in markdown
