"""Labels beside the rows of a file, and the mean AUROC with its interval."""

import numpy as np
import pytest

from cxrcompare.doctor import ids
from cxrcompare.doctor.joining import MeanAuroc, enough_patients, join, mean_auroc
from cxrcompare.predictions import read_label_states, read_predictions


@pytest.fixture
def joined(tmp_path):
    """Joins the texts of a file and of its reference."""

    def run(predictions, reference):
        for name, text in (("m", predictions), ("reference", reference)):
            (tmp_path / f"{name}.csv").write_text(text)
        one = read_predictions(tmp_path / "m.csv", scores=True)
        standard = read_label_states(tmp_path / "reference.csv")
        return join(one, standard, ids.match(one.rows, standard.rows))

    return run


def test_labels_are_joined_by_id_and_finding(joined):
    one = joined(
        "image_id,Mass,Hernia,Edema\nc,.1,.2,.3\na,.4,.5,.6\nx,.7,.8,.9\n",
        "image_id,patient_id,Edema,Mass\na,p1,1,0\nb,p1,0,0\nc,p2,-1,1\n",
    )
    assert one.findings == ("Mass", "Edema")
    assert one.columns.tolist() == [0, 2]
    nan = np.nan  # an uncertain label is unknown, and x is not in the reference
    np.testing.assert_array_equal(one.labels, [[1, nan], [0, 1], [nan, nan]])
    np.testing.assert_array_equal(one.scores, [[0.1, 0.3], [0.4, 0.6], [0.7, 0.9]])
    assert len(set(one.patients.tolist())) == 3


def test_a_study_has_the_highest_label_of_its_images(joined):
    one = joined(
        "study_id,Edema,Mass\ns1,.1,.2\ns2,.3,.4\n",
        "image_id,study_id,Edema,Mass\ni1,s1,0,\ni2,s1,1,\ni3,s2,0,1\n",
    )
    np.testing.assert_array_equal(one.labels, [[1, np.nan], [0, 1]])


def test_patients_of_the_predictions_are_used_if_the_reference_has_none(joined):
    one = joined(
        "image_id,patient_id,Edema\na,p,.1\nb,p,.2\nc,q,.3\n", "image_id,Edema\na,1\nb,0\nc,0\n"
    )
    assert one.patients.tolist() == [0, 0, 1]


def test_a_finding_needs_five_patients_of_each_class():
    # five positives of five patients; of the second finding four; of the third five of one patient
    labels = np.zeros((12, 3))
    labels[:5, 0], labels[:4, 1], labels[:5, 2] = 1, 1, 1
    assert enough_patients(labels, np.arange(12)).tolist() == [0, 2]
    shared = np.array([0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7])
    assert enough_patients(labels, shared).tolist() == []


def test_a_mean_auroc_by_hand():
    labels = np.zeros((10, 2))
    labels[:5] = 1
    scores = np.arange(10.0)[::-1, None].repeat(2, axis=1)  # every positive above every negative
    scores[4, 1] = -1  # one of five positives below all: 20 of 25 pairs are won
    found = mean_auroc(labels, scores, np.arange(10))
    assert found.value == pytest.approx((1 + 0.8) / 2)
    assert found.error > 0
    assert str(found).startswith("0.900 (95 % interval 0.")
    assert str(found).endswith(" to 1.000)")  # the interval does not exceed 1


def test_without_a_finding_the_mean_is_undefined():
    found = mean_auroc(np.zeros((3, 1)), np.zeros((3, 1)), np.array([0, 1, 1]))
    assert isinstance(found, MeanAuroc)
    assert np.isnan(found.value)
    assert found.influence.tolist() == [0, 0]
