from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.datasets import vindr
from cxrcompare.errors import InputError

NAN = np.nan


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([1, 1, 0], 1.0),
        ([1, 0, 0], 0.0),
        ([1, 0], -1.0),
        ([1, NAN, NAN], 1.0),
        ([0, NAN, 0], 0.0),
        ([NAN, NAN, NAN], NAN),
        ([1, 0, NAN], -1.0),
        ([1], 1.0),
    ],
)
def test_majority_by_hand(answers, expected):
    votes = np.array(answers, float)[:, None]
    result = vindr.majority(votes, np.zeros(len(votes), int), 1)
    np.testing.assert_array_equal(result, [[expected]])


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from([1.0, 0.0, NAN])), max_size=30))
def test_majority_agrees_with_counting(rows):
    images = np.array([image for image, _ in rows], int)
    votes = np.array([[vote] for _, vote in rows]).reshape(-1, 1)
    result = vindr.majority(votes, images, 5)[:, 0]
    for image in range(5):
        cast = [vote for of, vote in rows if of == image and vote == vote]
        positive = sum(cast)
        expected = (
            NAN
            if not cast
            else 1.0
            if positive * 2 > len(cast)
            else 0.0
            if positive * 2 < len(cast)
            else -1.0
        )
        np.testing.assert_array_equal(result[image], expected)


def test_a_split_vote_is_uncertain(layouts, tmp_path):
    layout = layouts["vindr"]()
    file, _ = layout.path
    frame = layout.files[file].query("rad_id != 'R3'")
    table = vindr.read(layout.replaced(file, frame).write(tmp_path))
    row = table.rows.set_index("image_id").loc["aa"]
    assert row["Lung Lesion"] == 1.0  # both readers, with different labels
    # One of two marks ILD: uncertain; an uncertain parent of a positive child stays uncertain.
    assert row["Lung Opacity"] == -1.0


def test_every_split_is_of_radiologists_and_patients_are_not_known(layouts, tmp_path):
    table = vindr.read(layouts["vindr"]().write(tmp_path))
    assert table.notes["expert_splits"] == ["train", "test"]
    assert "not published" in table.notes["patients"]


def test_pictures_may_have_another_suffix_but_not_two(layouts, tmp_path):
    layout = layouts["vindr"]()
    layout.images = [name.replace(".dicom", ".png") for name in layout.images]
    assert sorted(vindr.read(layout.write(tmp_path)).rows["path"]) == sorted(layout.images)
    (tmp_path / "train/aa.jpg").touch()
    with pytest.raises(InputError, match=r"train/aa.jpg and train/aa.png"):
        vindr.read(tmp_path)


def test_one_reader_twice_is_refused(layouts, tmp_path):
    layout = layouts["vindr"]()
    file, _ = layout.path
    frame = layout.files[file].assign(rad_id="R1")
    with pytest.raises(InputError, match=r"row 3: each reading must have one row; row 2"):
        vindr.read(layout.replaced(file, frame).write(tmp_path))
