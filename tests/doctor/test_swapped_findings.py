"""Columns of other findings and inverted columns."""

import numpy as np
import pytest

from cxrcompare import doctor
from cxrcompare.doctor.joining import Joined
from cxrcompare.doctor.swapped_findings import explained


def inverted(values, *columns):
    changed = values.copy()
    changed[:, columns] = 1 - changed[:, columns]
    return changed


def test_the_direction_of_one_column_is_that_of_mann_and_whitney(cohort):
    from scipy import stats

    path = cohort.write(scores=inverted(cohort.scores, 3))
    (problem,) = doctor.examine(path, cohort.reference())
    positive = cohort.labels[:, 3] == 1
    score = 1 - cohort.scores[:, 3]
    statistic = stats.mannwhitneyu(score[positive], score[~positive]).statistic
    area = statistic / positive.sum() / (~positive).sum()
    assert f"Edema: AUROC {area:.3f}, inverted {1 - area:.3f};" in problem.evidence[0]


def of(cohort, scores):
    columns = np.arange(scores.shape[1])
    patients = np.arange(len(scores)) // 2
    return Joined(cohort.findings, columns, cohort.labels, scores, patients)


def test_columns_in_order_are_left_alone(cohort):
    found = explained(of(cohort, cohort.scores))
    assert found.source.tolist() == [0, 1, 2, 3, 4, 5]
    assert found.inverted == ()
    assert found.problems == ()


@pytest.mark.parametrize("order", [[1, 2, 3, 4, 5, 0], [0, 3, 2, 1, 4, 5]])
def test_the_column_of_each_finding_is_found_and_the_mean_is_that_of_the_original(cohort, order):
    found = explained(of(cohort, cohort.scores[:, order]))
    np.testing.assert_array_equal(np.array(order)[found.source], range(6))
    assert found.mean == pytest.approx(explained(of(cohort, cohort.scores)).mean)
    (problem,) = found.problems
    assert (problem.code, problem.repair, problem.confirm) == ("columns", "columns", True)


def test_an_inverted_column_beside_swapped_ones_is_found(cohort):
    scores = inverted(cohort.scores, 0)[:, [0, 3, 2, 1, 4, 5]]
    found = explained(of(cohort, scores))
    assert found.source.tolist() == [0, 3, 2, 1, 4, 5]
    assert found.inverted == (0,)
    assert [problem.code for problem in found.problems] == ["columns", "inverted"]
    assert found.problems[1].message.startswith("1 of 6 columns rank worse than chance")
