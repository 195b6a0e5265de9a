"""Agreement of models in a comparison: rows, seeds, many models."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from cxrcompare.comparison import model_agreement
from cxrcompare.comparison.compare import Options, compare

FEW = Options(replicates=100)


@pytest.fixture
def found(bench):
    names = (("a__seed0", 0.3), ("a__seed1", 0.5), ("b", 0.6), ("c", 1.5))
    paths = [bench.model(*one) for one in names]
    return compare(paths, bench.standard(), options=FEW), [bench.scores(path) for path in paths]


def test_kappa_is_the_mean_over_pairs_of_seeds(found, row, bench):
    result, (first, second, b, c) = found
    each = []
    for f, finding in enumerate(bench.findings):
        one = row(result.model_agreement, model_a="a", model_b="b", finding=finding)
        values = [cohen_kappa_score(s[:, f] >= 0.5, b[:, f] >= 0.5) for s in (first, second)]
        assert one["kappa"] == pytest.approx(np.mean(values))
        assert one["low"] < one["kappa"] < one["high"]
        each.append(np.mean(values))
    mean = row(result.model_agreement, model_a="a", model_b="b", finding="mean")
    assert mean["kappa"] == pytest.approx(np.mean(each))
    assert mean["defined"] == 3
    edema = row(result.model_agreement, model_a="b", model_b="c", finding="Edema")
    assert edema["agreement"] == pytest.approx(((b[:, 1] >= 0.5) == (c[:, 1] >= 0.5)).mean())


def test_joint_errors_are_counts(found, row, bench):
    result, (first, second, b, c) = found
    label = bench.labels["test"][:, 0]
    share = (first[:, 0] >= 0.5).astype(float) + (second[:, 0] >= 0.5)
    calls = np.array([share / 2, b[:, 0] >= 0.5, c[:, 0] >= 0.5])[:, share != 1]
    right = calls == label[share != 1]
    one = row(result.joint_errors, model="c", finding="Atelectasis")
    assert one["units"] == right.shape[1]
    assert one["right_alone"] == (right[2] & ~right[0] & ~right[1]).sum()
    assert one["wrong_alone"] == (~right[2] & right[0] & right[1]).sum()
    assert one["all_right"] == right.all(axis=0).sum()
    assert one["all_wrong"] == (~right).all(axis=0).sum()


def test_the_units_have_their_ids_and_labels(found, bench):
    result, (_, _, b, _) = found
    table = result.disagreements
    labels = pd.DataFrame(bench.labels["test"], columns=bench.findings)
    labels.index = bench.rows["test"]["study_id"]
    patients = bench.rows["test"].set_index("study_id")["patient_id"]
    assert set(table["kind"]) == {"one_right", "all_wrong", "split"}
    assert table.groupby(["finding", "kind"]).size().max() <= 10
    for one in table.itertuples():
        assert one.label == labels.loc[one.id, one.finding]
        assert one.patient == patients[one.id]
        assert (one.right_alone != "") == (one.kind == "one_right")
    alone = table[(table["right_alone"] == "b") & (table["finding"] == "Mass")]
    calls = pd.Series(b[:, 2] >= 0.5, index=labels.index)
    assert (calls[alone["id"]].to_numpy() == alone["label"].to_numpy(dtype=bool)).all()


def test_one_model_agrees_with_nobody(bench):
    alone = compare([bench.model("a", 0.5)], bench.standard(), options=FEW)
    assert alone.model_agreement.empty
    assert alone.joint_errors.empty
    assert alone.disagreements.empty


def test_scores_without_thresholds_have_no_agreement(bench):
    options = Options(replicates=100, scores=True)
    paths = [bench.model(name, 0.5) for name in "ab"]
    result = compare(paths, bench.standard(), options=options)
    assert result.model_agreement.empty
    assert result.joint_errors.empty


def test_many_models_have_rows_for_the_mean_only(make_panel):
    rng = np.random.default_rng(0)
    scores = {f"m{n}": rng.uniform(size=(40, 2)) for n in range(11)}
    panel = make_panel((rng.uniform(size=(40, 2)) > 0.5).astype(float), scores)
    rows = model_agreement.agreement(panel, 0.95)
    assert {row.finding for row in rows} == {"mean"}
    assert len(rows) == 55
