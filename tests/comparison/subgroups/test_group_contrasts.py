"""Groups that are compared, reference groups, and sizes."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options
from cxrcompare.comparison.subgroups.group_contrasts import REST, contrasts, enough
from cxrcompare.errors import InputError

SEX = np.array(["F", "M", "", "F", "M", "M"], dtype=object)
VIEW = np.array(["AP", "PA", "L", "AP", "PA", "AP"], dtype=object)


def test_each_group_is_compared_with_the_rest_and_two_groups_only_once():
    found = contrasts({"sex": SEX, "view": VIEW}, ())
    assert [(one.column, one.value, one.against) for one in found] == [
        ("sex", "F", REST),
        ("view", "AP", REST),
        ("view", "L", REST),
        ("view", "PA", REST),
    ]
    assert found[0].outside.tolist() == [False, True, False, False, True, True]  # not the blank
    assert found[1].inside.tolist() == [True, False, False, True, False, True]


def test_with_a_reference_group_the_others_are_compared_with_it():
    found = contrasts({"sex": SEX, "view": VIEW}, ("view=PA", "sex=F"))
    assert [(one.value, one.against) for one in found] == [("M", "F"), ("AP", "PA"), ("L", "PA")]
    assert found[2].outside.tolist() == (VIEW == "PA").tolist()


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ("sex", r"`reference_groups` must be column=value, separated by commas. Received: sex"),
        ("sex=X", r"must be of sex=F, sex=M. Received: sex=X"),
        ("age=40", r"must be of sex=F, sex=M. Received: age=40"),
    ],
)
def test_an_unknown_reference_group_is_refused(given, match):
    with pytest.raises(InputError, match=match):
        contrasts({"sex": SEX}, (given,))


def test_both_groups_need_units_and_patients_of_both_classes(make_panel):
    labels = np.tile([0.0, 1.0], 40)[:, None]
    scores = {"a": np.random.default_rng(0).uniform(size=(80, 1))}
    (one,) = contrasts({"sex": np.repeat(["F", "M"], 40).astype(object)}, ())
    alone = make_panel(labels, scores)
    assert enough(alone, one, 0, Options())
    assert not enough(alone, one, 0, Options(minimum_cell=21))
    assert not enough(alone, one, 0, Options(min_patients=21))
    together = make_panel(labels, scores, patients=np.repeat(np.arange(16), 5))
    assert not enough(together, one, 0, Options())  # 20 positives of 8 patients in each group
