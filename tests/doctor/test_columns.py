"""Columns of other findings and inverted columns."""

from cxrcompare import doctor


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
