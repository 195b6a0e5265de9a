"""Scores in the rows of other ids, and shuffled rows."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from cxrcompare import doctor
from cxrcompare.doctor.row_order import placed


def test_a_repair_of_rows_of_an_inverted_file_is_not_invented(codes, cohort):
    """Any order of rows is better than inverted scores, but not better than chance."""
    path = cohort.write(scores=1 - cohort.scores)
    assert codes(path, cohort.reference()) == ["inverted"]


@pytest.mark.parametrize("mistake", ["the reference's order", "sorted", "sorted by number"])
def test_scores_in_the_order_of_another_list(make_cohort, mistake):
    cohort = make_cohort()
    cohort.ids = [f"{n}.png" for n in range(len(cohort.ids))]
    order = np.random.default_rng(1).permutation(len(cohort.ids))
    ids, names = cohort.ids, [cohort.ids[row] for row in order]
    if mistake == "the reference's order":
        reference = cohort.reference(order=order)
        path = cohort.write(scores=cohort.scores[order])
    else:
        reference = cohort.reference(order=order)
        positions = sorted(range(len(ids)), key=ids.__getitem__)
        true = cohort.scores[positions if mistake == "sorted" else np.arange(len(ids))]
        path = cohort.write(ids=names, scores=true)
    (problem,) = doctor.examine(path, reference)
    assert problem.code == "rows"
    assert problem.confirm
    words = {"sorted": "ids sorted as text", "sorted by number": "ids sorted by number"}
    assert words.get(mistake, "order is that of the reference") in problem.message
    doctor.repair(path, reference, ["rows"], cohort.folder / "fixed.csv")
    fixed = pd.read_csv(cohort.folder / "fixed.csv").set_index("image_id").loc[ids]
    np.testing.assert_allclose(fixed.to_numpy(), cohort.scores, rtol=0, atol=1e-12)


def test_rows_shifted_within_the_images_of_patients_are_found(codes, make_cohort):
    """With ten images per patient, a shift by one leaves nine tenths with their patient."""
    cohort = make_cohort(units=3000, per_patient=10)
    labels = np.repeat(cohort.labels[::10], 10, axis=0)
    logits = logit(cohort.scores) + 2.25 * (labels - cohort.labels)
    flip = np.random.default_rng(2).random(labels.shape) < 0.1
    labels, logits = np.where(flip, 1 - labels, labels), np.where(flip, -logits, logits)
    path = cohort.write(scores=np.roll(1 / (1 + np.exp(-logits)), 1, axis=0))
    assert codes(path, cohort.reference(labels=labels)) == ["rows"]


def test_shuffled_rows_are_reported_without_a_repair(cohort):
    shuffled = np.random.default_rng(5).permutation(cohort.scores)
    (problem,) = doctor.examine(cohort.write(scores=shuffled), cohort.reference())
    assert (problem.code, problem.repair) == ("shuffled", "")
    assert "shuffles" in problem.advice


def test_noise_whose_means_fit_no_prevalence_is_not_called_shuffled(codes, cohort):
    noise = np.random.default_rng(5).random(cohort.scores.shape)
    assert codes(cohort.write(scores=noise), cohort.reference()) == ["not_above_chance"]
    (note,) = doctor.examine(cohort.write(scores=noise), cohort.reference())
    assert note.note
    assert note.evidence[0].startswith("Mean AUROC 0.")


def test_the_prevalences_as_constants_are_not_shuffled_rows(codes, cohort):
    scores = np.tile(cohort.labels.mean(axis=0), (len(cohort.labels), 1))
    assert codes(cohort.write(scores=scores), cohort.reference()) == ["constant"]


def test_scores_are_placed_in_the_rows_of_their_ids():
    # the scores of row 0 belong to row 2, those of row 1 to row 0, those of row 2 to row 1
    scores = np.array([[0.1], [0.2], [0.3]])
    assert placed(scores, np.array([2, 0, 1]))[:, 0].tolist() == [0.2, 0.3, 0.1]
