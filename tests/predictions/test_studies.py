"""Studies and patients of images, and merged views."""

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import Rows, read_predictions
from cxrcompare.predictions.studies import group, merge_views, studies_of, study_of_images

VIEWS = "image_id,study_id,patient_id,Edema,Mass\ni3,s2,p2,.3,.1\ni1,s1,p1,.1,.8\ni2,s1,p1,.5,.2\n"


def test_patients_come_from_any_file(joined):
    one = joined(
        "study_id,Edema\na,1\nb,0\n",
        m="study_id,Edema\na,.1\nb,.2\n",
        n="study_id,patient_id,Edema\nb,p,.1\na,p,.2\n",
    )
    assert one.patients.tolist() == ["p", "p"]
    assert not one.notes


@pytest.mark.parametrize(
    ("rule", "expected"),
    # study s1: images i1 (.1, .8) and i2 (.5, .2): max (.5, .8), mean (.3, .5)
    [("max", [[0.5, 0.8], [0.3, 0.1]]), ("mean", [[0.3, 0.5], [0.3, 0.1]])],
)
def test_views_of_a_study_are_merged_by_the_rule(joined, rule, expected):
    one = joined("study_id,Edema,Mass\ns1,1,0\ns2,0,1\n", views_rule=rule, m=VIEWS)
    np.testing.assert_allclose(one.scores[0], expected)
    assert one.images == 3
    assert one.patients.tolist() == ["p1", "p2"]


def test_an_image_in_two_studies_is_refused(joined):
    other = VIEWS.replace("i1,s1", "i1,s2")
    with pytest.raises(InputError, match="'i1'"):
        joined("study_id,Edema,Mass\ns1,1,0\ns2,0,1\n", m=VIEWS, n=other)


def test_a_study_under_two_patients_is_said(joined):
    one = joined("study_id,Edema,Mass\ns1,1,0\ns2,0,1\n", m=VIEWS.replace("i2,s1,p1", "i2,s1,p9"))
    assert [note.code for note in one.notes] == ["study_under_two_patients"]
    assert one.patients.tolist() == ["p1", "p2"]


def test_a_study_under_two_patients_in_any_file_is_said(joined):
    one = joined(
        "study_id,patient_id,Edema,Mass\ns1,1,1,0\ns2,2,0,1\n",
        m=VIEWS.replace("i2,s1,p1", "i2,s1,p9"),
    )
    assert [note.code for note in one.notes] == ["study_under_two_patients"]
    assert "m.csv" in one.notes[0].message
    assert one.patients.tolist() == ["1", "2"]


@pytest.mark.parametrize(
    ("rule", "expected"),
    # study 0 has the rows 0 and 2: max (.5, .8), mean (.3, .6); study 1 has row 1
    [("max", [[0.5, 0.8], [0.2, 0.1]]), ("mean", [[0.3, 0.6], [0.2, 0.1]])],
)
def test_views_by_hand(rule, expected):
    values = np.array([[0.1, 0.8], [0.2, 0.1], [0.5, 0.4]])
    np.testing.assert_allclose(merge_views(values, np.array([0, 1, 0]), 2, rule), expected)


@pytest.mark.parametrize("rule", ["max", "mean"])
def test_one_view_per_study_is_put_in_order(rule):
    values = np.array([[-1.0], [-2.0], [-3.0]])
    merged = merge_views(values, np.array([2, 0, 1]), 3, rule)
    assert merged[:, 0].tolist() == [-2, -3, -1]


def test_studies_are_in_order_of_appearance():
    keys, codes = group(np.array(["b", "a", "b"], dtype=object))
    assert keys.tolist() == ["b", "a"]
    assert codes.tolist() == [0, 1, 0]


def test_an_image_without_a_study_is_its_own_study(put):
    table = read_predictions(put("m.csv", VIEWS))
    known = study_of_images([table])
    assert known.to_dict() == {"i3": "s2", "i1": "s1", "i2": "s1"}
    blank = np.array(["", ""], dtype=object)
    rows = Rows("image", np.array(["i2", "other"], dtype=object), blank, blank)
    assert studies_of(rows, known).tolist() == ["s1", "other"]
    assert studies_of(rows, study_of_images([])).tolist() == ["i2", "other"]


def test_a_study_without_a_patient_is_a_patient_of_its_own(joined):
    one = joined("study_id,patient_id,Edema\na,p,1\nb,,0\n", m="study_id,Edema\na,.1\nb,.2\n")
    assert one.patients.tolist() == ["p", "b"]
    assert [note.message for note in one.notes] == [
        "1 studies have no patient id: each is treated as a separate patient"
    ]
