"""The protocol of a comparison."""

import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.reporting.report import write_report

FEW = Options(replicates=200)


@pytest.mark.parametrize(
    ("said", "context", "expected"),
    [
        ('{"synthetic": true}', {}, True),
        ('{"synthetic": "no"}', {}, None),
        ("[]", {}, None),
        (None, {}, None),
        (None, {"synthetic": False}, False),
    ],
)
def test_synthetic_is_what_lies_beside_the_reference_or_not_stated(
    bench, tmp_path, said, context, expected
):
    reference = bench.standard()
    if said:
        reference.with_name("sample.json").write_text(said)
    found = compare([bench.model("net", 0.7)], reference, options=FEW, context=context)
    assert found.protocol["synthetic"] is expected
    write_report(found, tmp_path / "out")
    words = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert ("ynthetic" in words) == bool(expected)


def test_units_are_resampled_by_patient_if_a_file_has_patients(bench):
    path, standard = bench.model("net__seed3", 0.7), bench.standard()
    named = compare([path], standard, options=FEW).protocol
    assert (named["patients"], named["studies"], named["resampled"]) == (60, 120, "patients")
    assert named["images"] is None
    assert named["seeds"] == {"net": ["3"]}
    for file in (path, standard):
        pd.read_csv(file).drop(columns="patient_id").to_csv(file, index=False)
    alone = compare([path], standard, options=FEW).protocol
    assert (alone["patients"], alone["studies"], alone["resampled"]) == (None, 120, "studies")


def test_the_protocol_has_the_options_and_the_context(bench):
    options = Options(replicates=100, level=0.9, seed=7, margin=0.1, bins=5, correction="fdr")
    context = {"title": "A test", "split": "test"}
    found = compare(
        [bench.model("net", 0.7)], bench.standard(), options=options, context=context
    ).protocol
    assert (found["title"], found["split"], found["data"]) == ("A test", "test", None)
    assert (found["replicates"], found["level"], found["random_seed"]) == (100, 0.9, 7)
    assert (found["non_inferiority_margin"], found["correction"]) == (0.1, "fdr")
    assert found["ece_bins"] == "5 of equal width"
    assert found["reference"] == "test-reference.csv"
