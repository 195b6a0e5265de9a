"""Studies and patients of images, and merged views."""

import numpy as np
import pytest

from cxrcompare.errors import InputError

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
