"""The analytic tests beside the bootstrap."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inference.analytic_check import check
from cxrcompare.evaluation.bootstrap import metric_replicates


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


@pytest.fixture
def compared(make_panel, monkeypatch):
    """Returns a function that checks two networks on findings with so many positives."""

    def run(*positives, factor=1.0):
        labels = (np.arange(100)[:, None] < np.array(positives)).astype(float)
        rng = np.random.default_rng(0)
        scores = {name: labels + rng.normal(size=labels.shape) for name in "ab"}
        panel = make_panel(labels, scores, replicates=1000)
        plain = metric_replicates.score_metrics

        def widened(*given):
            drawn = plain(*given)["auroc"]
            return {"auroc": drawn.mean(axis=0) + factor * (drawn - drawn.mean(axis=0))}

        monkeypatch.setattr(metric_replicates, "score_metrics", widened)
        found = check(panel, 0.95)
        monkeypatch.undo()
        return found

    return run


def test_standard_errors_that_differ_are_a_warning(compared):
    assert compared(40)[1] == []
    rows, notes = compared(40, factor=2.0)
    (note,) = notes
    assert (note.code, note.finding) == ("analytic_disagrees", "Atelectasis")
    ratio = rows[0].bootstrap_standard_error / rows[0].standard_error
    assert ratio == pytest.approx(2, rel=0.1)
    assert note.message.endswith(f"differ by a factor of {ratio:.2f}")


def test_few_positives_and_single_classes_raise_no_warning(compared):
    rows, notes = compared(19, 0, factor=2.0)
    assert [row.finding for row in rows] == ["Atelectasis"]
    assert notes == []


def test_one_network_has_no_pair(make_panel):
    panel = make_panel([[0], [1]], {"a": [[0], [1]]})
    assert check(panel, 0.95) == ([], [])
