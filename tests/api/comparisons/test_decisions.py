"""Verdicts on two models, and the sample size that a verdict needs."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import cxrcompare as cxr

FINDINGS = ["Edema", "Mass"]


def table(rows, values):
    return rows.assign(**dict(zip(FINDINGS, values.T, strict=True)))


@pytest.fixture(scope="module")
def cohort():
    """Scores of a model, of a nearly equal one, and of a worse one, on 600 studies."""
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"study_id": [f"s{n}" for n in range(600)]})
    signal = rng.normal(size=(600, 2))
    labels = (signal + rng.normal(size=signal.shape) > 0.5).astype(float)
    logits = {
        "first": signal,
        "copy": signal + 0.02 * rng.normal(size=signal.shape),
        "worse": signal + 3 * rng.normal(size=signal.shape),
    }
    models = {name: table(rows, 1 / (1 + np.exp(-one))) for name, one in logits.items()}
    return models, table(rows, labels)


@pytest.fixture(scope="module")
def three(cohort):
    return cxr.compare(*cohort, margin=0.02, replicates=200)


def test_better_and_worse(three):
    found = three.verdict("first", "worse")
    row = three.differences.query(
        "model_a == 'first' and model_b == 'worse' and finding == 'mean' and metric == 'auroc'"
    ).iloc[0]
    assert found.verdict == "better"
    assert found[1:5] == tuple(row[["difference", "low", "high", "p_adjusted"]])
    turned = three.verdict("worse", "first")
    assert turned.verdict == "worse"
    assert (turned.low, turned.high) == (-found.high, -found.low)
    assert "AUROC of first minus worse is" in found.why
    assert "significant" in found.why


def test_lower_is_better_for_errors(three):
    assert three.verdict("first", "worse", "Edema", "brier").verdict == "better"
    assert three.verdict("first", "worse", "Edema", "brier").difference < 0


def test_equivalent_within_the_margin_only(three, cohort):
    found = three.verdict("first", "copy")
    assert (found.verdict, found.margin) == ("equivalent", 0.02)
    assert -0.02 < found.low < found.high < 0.02
    plain = cxr.compare(*cohort, replicates=200).verdict("first", "copy", "Edema", "auprc")
    assert plain.verdict == "undecided"
    assert plain.margin is None


def test_undecided_where_the_interval_is_wide(cohort):
    models, reference = cohort
    few = {name: one.iloc[:80] for name, one in models.items()}
    noise = np.random.default_rng(5).normal(size=(80, 2))
    few["other"] = table(
        few["worse"][["study_id"]], few["first"][FINDINGS].to_numpy() + 0.6 * noise
    )
    few = {name: few[name] for name in ("worse", "other")}
    found = cxr.compare(few, reference.iloc[:80], margin=0.02, scores=True, replicates=200)
    assert found.verdict("worse", "other").verdict == "undecided"


def test_names_are_checked(three):
    for given, match in (
        (("first", "best"), "`b` must be one of"),
        (("first", "first"), "two models"),
        (("first", "copy", "Hernia"), "`finding` must be one of mean, micro, Edema, Mass"),
        (("first", "copy", "Edema", "auc"), "`metric` must be one of auroc"),
    ):
        with pytest.raises(cxr.InputError, match=match):
            three.verdict(*given)


def test_the_sample_size_by_hand(three):
    """The variance of a difference is that of one unit divided by the number of units."""
    frame = three.sample_size(margin=0.01)
    assert frame["finding"].tolist() == ["mean", "Edema", "Mass"]
    edema = frame.set_index("finding").loc["Edema"]
    alpha = 0.05 / 2 / 9  # half of it for three pairs, two findings and all findings pooled
    assert tuple(edema[["margin", "power", "studies_present"]]) == (0.01, 0.8, 600)
    assert edema["level"] == pytest.approx(1 - alpha)
    pairs = three.differences.query("finding == 'Edema' and metric == 'auroc' and subgroup == ''")
    assert len(pairs) == 3
    full = three.to_frame("sample_size").set_index("finding").loc["Edema"]
    half = (pairs["high"] - pairs["low"]) / 2  # close to 1.96 standard errors, by Student's factor
    error = (half / stats.norm.ppf(0.975)).median()
    assert full["unit_variance"] == pytest.approx(600 * error**2, rel=0.02)
    needed = full["unit_variance"] / 0.01**2
    factor = stats.norm.ppf(1 - alpha / 2) + stats.norm.ppf(0.8)
    assert edema["studies_difference"] == np.ceil(needed * factor**2)
    factor = stats.norm.ppf(1 - alpha) + stats.norm.ppf(0.9)
    assert edema["studies_equivalence"] == np.ceil(needed * factor**2)


def test_half_the_margin_needs_four_times_the_studies(three):
    wide, narrow = (three.sample_size(margin).iloc[:, 4:6] for margin in (0.04, 0.02))
    np.testing.assert_allclose(narrow / wide, 4, rtol=0.05)
    pd.testing.assert_frame_equal(three.sample_size(), three.sample_size(0.02))


def test_the_margin_of_a_sample_size_is_checked(three, cohort):
    for wrong in (0, 0.6, -0.02):
        with pytest.raises(cxr.InputError, match="`margin` must be above 0"):
            three.sample_size(wrong)
    without = cxr.compare(*cohort, replicates=100)
    assert set(without.sample_size()["margin"]) == {0.02}


@pytest.mark.slow
def test_the_sample_size_gives_the_power():
    """Two models with a known difference are compared on the number of studies that is returned."""
    rng = np.random.default_rng(0)

    def draw(studies):
        labels = (rng.random(studies) < 0.4).astype(float)
        shared = rng.normal(size=studies)
        a, b = (1.2 * labels * share + shared + rng.normal(size=studies) for share in (1, 0.75))
        return labels, a, b

    labels, a, b = draw(200_000)
    truth = cxr.delong_test(labels, a, b).difference
    labels, a, b = draw(4000)
    rows = pd.DataFrame({"study_id": np.arange(4000).astype(str)})
    found = cxr.compare(
        {"a": rows.assign(Edema=a), "b": rows.assign(Edema=b)},
        rows.assign(Edema=labels),
        scores=True,
        replicates=100,
    )
    needed = int(found.sample_size(truth).set_index("finding")["studies_difference"]["Edema"])
    rejected = sum(cxr.delong_test(*draw(needed)).p_value < 0.05 for _ in range(600))
    assert 0.74 < rejected / 600 < 0.86
