"""The protocol of a comparison."""

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
