"""The checks of one file, one after the other."""

import numpy as np

from cxrcompare import doctor


def test_a_healthy_file_needs_nothing(cohort):
    found = doctor.examined(cohort.write(), cohort.reference())
    assert found.problems == ()
    assert (found.kind, found.owner, found.inverted) == ("probabilities", None, ())
    assert found.source.tolist() == list(range(6))


def test_what_corrects_a_file_is_kept(cohort):
    damaged = np.roll(cohort.scores[:, [0, 4, 2, 3, 1, 5]], 2, axis=0)
    found = doctor.examined(cohort.write(scores=damaged), cohort.reference())
    assert [problem.code for problem in found.problems] == ["rows", "columns"]
    # the scores of each row belong two rows further up
    assert found.owner.tolist() == [598, 599, *range(598)]
    assert found.source.tolist() == [0, 4, 2, 3, 1, 5]
    inverted = cohort.scores.copy()
    inverted[:, 3] = 1 - inverted[:, 3]
    assert doctor.examined(cohort.write(scores=inverted), cohort.reference()).inverted == (3,)


def test_notes_are_last(cohort):
    path = cohort.write(scores=100 * cohort.scores)
    path.write_text(path.read_text().replace("Pneumothorax", "Hernia"))
    problems = doctor.examine(path, cohort.reference())
    assert [(one.code, one.note) for one in problems] == [
        ("percent", False),
        ("findings_differ", True),
    ]


def test_scores_are_not_compared_with_labels_of_other_ids(cohort):
    other = cohort.reference(ids=[f"{n * 7919 + 10**7:x}" for n in range(600)])
    found = doctor.examined(cohort.write(scores=1 - cohort.scores), other)
    assert [problem.code for problem in found.problems] == ["ids_unknown"]
    assert found.owner is None
