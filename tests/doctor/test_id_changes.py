"""Known changes of ids."""

import pytest

from cxrcompare.doctor.id_changes import CHANGES, changed, parts


def test_the_fewest_changes_come_first():
    attempts = [names for names, _, _ in changed(["a/01.png", "a/02.png"], ["1", "2"])]
    assert attempts[0] == ()
    assert sorted(map(len, attempts)) == [len(names) for names in attempts]
    assert ("leading folders", "file extension", "zero padding") in attempts


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b.png", ["a", "b.png"]),
        ("C:\\data\\b.png", ["C:", "data", "b.png"]),
        ("./a//b", ["a", "b"]),
        ("/", ["/"]),
    ],
)
def test_parts_of_a_path(name, expected):
    assert parts(name) == expected


@pytest.mark.parametrize(
    ("change", "names", "expected"),
    [
        ("file extension", ["a.PNG", "b.nii.gz", ".png", "c.txt"], ["a", "b", ".png", "c.txt"]),
        ("decimals of a whole number", ["7.0", "7.50", "a.0"], ["7", "7.50", "a.0"]),
        ("common prefix", ["img_12", "img_13"], ["12", "13"]),  # the digit 1 belongs to a number
        ("common prefix", ["img_", "img_3"], ["img_", "img_3"]),  # an id would be empty
        ("common prefix", ["img_3"], ["img_3"]),
        ("common suffix", ["1_pa", "2_pa"], ["1", "2"]),
        ("zero padding", ["007", "a010b00", "0"], ["7", "a10b0", "0"]),
        ("upper and lower case", ["CXR1", "cXr2"], ["cxr1", "cxr2"]),
    ],
)
def test_changes_by_hand(change, names, expected):
    assert dict(CHANGES)[change](names) == expected


def test_ids_that_no_change_alters_are_tried_once():
    assert list(changed(["a", "b"], ["c", "d"])) == [((), ["a", "b"], ["c", "d"])]
