"""Ensembles of tables: by hand, in any order of rows, and as `compare` makes them."""

import numpy as np
import pandas as pd
import pytest

import cxrcompare as cxr

FIRST = {"ids": ["a", "b", "c"], "Edema": np.array([0.2, 0.6, 0.9]), "Mass": np.full(3, 0.5)}
SECOND = {"ids": ["c", "a", "b"], "Edema": np.array([0.5, 0.4, 0.6])}


def test_probabilities_by_hand_and_rows_by_id():
    found = cxr.ensemble([FIRST, SECOND], name="both")
    assert (found.name, found.findings, [*found.rows.ids]) == ("both", ("Edema",), ["a", "b", "c"])
    np.testing.assert_allclose(found.values[:, 0], [0.3, 0.6, 0.7])


def test_logits_and_ranks_by_hand():
    """The logits of 0.2 and 0.4 are log(1/4) and log(2/3): their mean is log(sqrt(1/6))."""
    odds = np.sqrt(0.25 * 2 / 3)
    logits = cxr.ensemble([FIRST, SECOND], "logits").values[0, 0]
    assert logits == pytest.approx(odds / (1 + odds))
    ranks = cxr.ensemble([FIRST, SECOND], "ranks")
    # Shares of lower scores, ties (with itself) half: 1/6, 3/6, 5/6 and 1/6, 5/6, 3/6.
    np.testing.assert_allclose(ranks.values[:, 0], [1 / 6, 4 / 6, 4 / 6])
    assert not ranks.probabilities


def test_it_is_the_ensemble_of_a_comparison(study):
    models, reference = study.test.models, study.test.reference
    names = ["good__seed0", "bad"]
    given = {"good": models["good__seed0"], "bad": models["bad"]}
    inside = cxr.compare(given, reference, ensemble=["both=good,bad"], replicates=100).metrics
    made = cxr.ensemble([models[name] for name in names], name="both")
    alone = cxr.compare({"both": made}, reference, replicates=100).metrics

    def auroc(table):
        chosen = table[(table["model"] == "both") & (table["metric"] == "auroc")]
        return chosen.set_index(["finding", "seed"])["value"].astype(float)

    pd.testing.assert_series_equal(
        auroc(inside).sort_index(), auroc(alone).sort_index(), check_exact=False
    )


@pytest.mark.parametrize(
    ("members", "more", "message"),
    [
        ([FIRST], {}, "`members` must be a list of two tables or more"),
        ("a.csv", {}, "`members` must be a list of two tables or more"),
        ([FIRST, {"ids": ["a", "b"], "Edema": [0.1, 0.2]}], {}, "1 missing and 0 other ids"),
        ([FIRST, {"ids": ["a", "b", "c"], "Fracture": [0.1] * 3}], {}, "must share a finding"),
        ([FIRST, SECOND], {"rule": "median"}, "`ensemble_rule` must be one of"),
        ([FIRST, {"ids": ["a", "b", "c"], "Edema": [1.0, 2.0, 3.0]}], {}, r"in \[0, 1\]"),
    ],
)
def test_wrong_members_are_one_line(members, more, message):
    with pytest.raises(cxr.InputError, match=message):
        cxr.ensemble(members, **more)


def test_scores_need_the_rule_ranks():
    scores = cxr.ensemble([FIRST, SECOND], "ranks")
    with pytest.raises(cxr.InputError, match="`rule` must be ranks for scores"):
        cxr.ensemble([scores, scores])
