"""The analytic tests beside the bootstrap."""

import pytest

from cxrcompare.comparison.compare import Options, compare


@pytest.mark.parametrize(("per_patient", "method"), [(1, "DeLong"), (3, "Obuchowski")])
def test_the_analytic_check_agrees_with_the_bootstrap(make_bench, per_patient, method):
    bench = make_bench(studies=300, per_patient=per_patient)
    paths = [bench.model("a__seed0", 0.5), bench.model("a__seed1", 0.6), bench.model("b", 1.0)]
    found = compare(paths, bench.standard(), options=Options(replicates=1000))
    assert len(found.analytic) == 3
    for one in found.analytic.to_dict("records"):
        assert one["method"] == method
        assert one["standard_error"] == pytest.approx(one["bootstrap_standard_error"], rel=0.15)
        assert 0 < one["p_value"] <= 1
    assert "analytic_disagrees" not in found.warnings["code"].tolist()
