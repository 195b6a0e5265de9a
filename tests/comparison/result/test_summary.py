"""The terminal summary: a short table, and warnings."""

import dataclasses

import pandas as pd

from cxrcompare.cli.commands import main
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.summary import summary_table, warning_lines

FEW = Options(replicates=200)


def test_the_command_prints_its_warnings_in_short(bench, tmp_path, capsys):
    scores = bench.scores(bench.model("x", 0.7))
    scores[:, 1] = 0.3
    paths = [str(bench.table(name, scores)) for name in ("a", "b")]
    out = tmp_path / "out"
    words = ["compare", *paths, "--reference", str(bench.standard()), "--out", str(out)]
    assert main([*words, "--replicates", "100", "--threshold-rule", "f1"]) == 0
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("warnings: "))
    table = pd.read_csv(out / "warnings.csv")
    counts = {code: int((table["code"] == code).sum()) for code in table["code"].unique()}
    kinds = ", ".join(f"{code} {count}" for code, count in counts.items())
    assert lines[first] == f"warnings: {len(table)} ({kinds}); all in {out / 'warnings.csv'}"
    assert counts["constant"] == counts["identical"] == 2
    assert {"no_validation", "threshold_rule_ignored"} <= set(counts)
    warned = lines[first + 1 : -1]
    named = [line for line in warned if not line.startswith("    also: ")]
    assert [line.split(":")[0] for line in named] == [f"  {code}" for code in counts]
    after = warned[warned.index("  constant: a, Edema: gives every unit the same score") + 1]
    assert after == "    also: b, Edema"
    assert "  constant: a, Edema: gives every unit the same score" in warned
    assert (
        "  identical: b, Atelectasis: has exactly the scores of a: check whether one file was "
        "given under two names" in warned
    )
    assert max(map(len, warned)) <= 152
    assert lines[-1] == f"report: {out / 'report.html'}"
    assert "warnings" not in captured.out
    markdown = (out / "report.md").read_text(encoding="utf-8")
    assert "- identical: b · Atelectasis: has exactly the scores of a" in markdown
    assert "- constant: a · Edema: gives every unit" in markdown


def test_no_warning_is_one_line_and_a_long_one_is_cut(bench, tmp_path):
    found = compare([bench.model("a", 0.7)], bench.standard(), options=FEW)
    none = dataclasses.replace(found, warnings=found.warnings.iloc[:0])
    assert warning_lines(none, tmp_path) == ["warnings: none"]
    long = dataclasses.replace(
        found, warnings=found.warnings.iloc[:1].assign(message="word\n" * 90, model="m")
    )
    count, line = warning_lines(long, tmp_path)
    assert line.endswith("...")
    assert len(line) == 152
    assert count.startswith("warnings: 1 (")


def test_further_warnings_of_a_code_are_named_as_many_as_fit(bench, tmp_path):
    found = compare([bench.model("a", 0.7)], bench.standard(), options=FEW)
    one = found.warnings.iloc[0].to_dict() | {"code": "ties", "message": "tied"}
    rows = [one | {"model": f"network{n:02}", "finding": "Edema"} for n in range(40)]
    many = dataclasses.replace(found, warnings=pd.DataFrame(rows))
    _, first, also = warning_lines(many, tmp_path)
    assert first == "  ties: network00, Edema: tied"
    assert also.startswith("    also: network01, Edema; network02, Edema; ")
    assert also.count("Edema") + int(also.split(" and ")[1].removesuffix(" more")) == 39
    assert 130 < len(also) <= 150
    long = dataclasses.replace(found, warnings=pd.DataFrame([one | {"model": "n" * 200}] * 2))
    assert warning_lines(long, tmp_path)[2] == "    also: 1 more"


def test_undefined_numbers_are_said_in_words_or_a_dash(bench):
    found = compare([bench.model("a", 0.7)], bench.standard(), options=FEW)
    blank = dataclasses.replace(
        found,
        resolution=found.resolution.assign(minimum_detectable_difference=float("nan")),
        metrics=found.metrics.assign(value=float("nan")),
        ranks=found.ranks.iloc[:0],
    )
    first, header, *models = summary_table(blank)
    assert first[:2] == ["detectable difference", "not defined"]
    assert header == ["model", "mean AUROC", "mean AUPRC", "rank", "ties", "best"]
    assert models[0] == ["a", "-", "-", "-", "-", "-"]


def test_a_row_has_the_estimate_its_interval_and_its_rank(bench, row):
    found = compare([bench.model("a", 0.7), bench.model("b", 9)], bench.standard(), options=FEW)
    one = row(found.metrics, model="a", seed="all", finding="mean", metric="auroc")
    best = row(found.ranks, model="a", metric="auroc")
    cells = summary_table(found)[2]
    assert cells[0] == "a"
    assert cells[1] == f"{one['value']:.4f} [{one['low']:.4f}, {one['high']:.4f}]"
    assert cells[3] == f"1 [{best['low']:.0f}, {best['high']:.0f}]"
    assert cells[5] == f"{best['probability_best']:.2f}"
