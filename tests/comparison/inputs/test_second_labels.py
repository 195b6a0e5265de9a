"""The second reference and the labeller's rates as files."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.errors import InputError

FEW = Options(replicates=100)


def run(bench, **given):
    return compare([bench.model("a", 0.5)], bench.standard(), options=FEW, **given)


def rates(bench, text):
    path = bench.folder / "rates.csv"
    path.write_text(text)
    return path


def test_a_file_of_rates_with_counts(bench, row):
    head = "Finding,Sensitivity,Specificity,Positives,Negatives\n"
    path, standard = bench.model("a", 0.5), bench.standard()
    exact, counted = (
        compare([path], standard, labeller_rates=rates(bench, head + text), options=FEW)
        for text in ("Edema,0.9,0.95,,\nOther,0.9,0.9,1,1\n", "Edema,0.9,0.95,30,50\n")
    )
    one, two = (
        row(found.label_correction, finding="Edema", metric="auroc") for found in (exact, counted)
    )
    assert one["corrected"] == two["corrected"]
    assert two["high"] - two["low"] > one["high"] - one["low"]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (
            "finding,sensitivity\nEdema,0.9\n",
            r"rates\.csv: row 1: must have the columns finding, s",
        ),
        ("finding,sensitivity,specificity\nEdema,1.2,0.9\n", r"rates\.csv: Edema: .*Received: 1.2"),
        ("finding,sensitivity,specificity\nEdema,0.4,0.5\n", r"sum is above 1"),
        ("finding,sensitivity,specificity\nEdema,,0.5\n", r"rates\.csv: Edema: "),
        ("finding,sensitivity,specificity\nOther,0.9,0.9\n", r"must have a compared finding"),
        (
            "finding,sensitivity,specificity\nEdema,0.9,0.9\nedema,0.8,0.9\n",
            r"must have one row per finding. Received: two of edema",
        ),
    ],
)
def test_wrong_rates_are_refused_in_one_line(bench, text, match):
    with pytest.raises(InputError, match=match) as caught:
        run(bench, labeller_rates=rates(bench, text))
    assert "\n" not in str(caught.value)


def test_a_second_reference_of_other_studies_is_refused(bench):
    bench.rows["second"] = bench.rows["test"].assign(study_id=lambda f: f["study_id"] + "x")
    path = bench.table("experts", bench.labels["test"], "second")
    with pytest.raises(InputError, match=r"experts\.csv"):
        run(bench, second_reference=path)


def test_findings_without_second_labels_are_named(bench):
    labels = bench.labels["test"].copy()
    labels[:, 2] = np.nan
    bench.rows["second"] = bench.rows["test"]
    path = bench.table("experts", labels, "second")
    found = run(bench, second_reference=path)
    message = found.warnings.set_index("code").loc["second_reference_without_finding", "message"]
    assert message.endswith("no labels of Mass")


def test_rows_of_other_studies_are_ignored_and_a_missing_study_is_refused(bench, row):
    labels = bench.labels["test"]
    bench.rows["second"] = bench.rows["test"]
    plain = run(bench, second_reference=bench.table("experts", labels, "second"))
    more = bench.rows["test"].assign(study_id=lambda f: f["study_id"] + "_train")
    bench.rows["second"] = pd.concat([more, bench.rows["test"]], ignore_index=True)
    path = bench.table("all", np.concatenate([1 - labels, labels]), "second")
    found = run(bench, second_reference=path)
    for one in (plain, found):
        assert (one.reference_agreement["kappa"] == 1).all()
    bench.rows["second"] = bench.rows["test"].iloc[1:].reset_index(drop=True)
    with pytest.raises(InputError, match=r"short\.csv"):
        run(bench, second_reference=bench.table("short", labels[1:], "second"))
