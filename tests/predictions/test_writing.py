"""Predictions written and read again."""

import numpy as np
import pytest

from cxrcompare.predictions import (
    read_predictions,
    write_predictions,
)


def test_written_predictions_read_back_exactly_in_float32(tmp_path):
    rng = np.random.default_rng(0)
    values = rng.random((700, 2)).astype(np.float32)
    ids = [f"i{n}" for n in range(700)]
    path = tmp_path / "net__seed2.csv"
    write_predictions(
        path, ["Edema", "Mass"], values, image_ids=ids, study_ids=ids, patient_ids=["p"] * 700
    )
    one = read_predictions(path)
    np.testing.assert_array_equal(one.values.astype(np.float32), values)
    assert (one.name, one.seed) == ("net", "2")
    assert one.rows.patients.tolist() == ["p"] * 700


@pytest.mark.parametrize(
    ("values", "ids", "match"),
    [
        (np.full((2, 1), 0.5), None, "image_ids"),
        (np.full((2, 2), 0.5), ["a", "b"], "shape"),
        (np.full((2, 1), 1.5), ["a", "b"], r"\[0, 1\]"),
        (np.full((2, 1), np.nan), ["a", "b"], r"\[0, 1\]"),
        (np.full((2, 1), 0.5), ["a"], "2 long"),
    ],
)
@pytest.mark.filterwarnings("ignore:All-NaN")
def test_writing_refuses(tmp_path, values, ids, match):
    with pytest.raises(ValueError, match=match):
        write_predictions(tmp_path / "m.csv", ["Edema"], values, study_ids=ids)
    assert not (tmp_path / "m.csv").exists()


def test_a_row_of_a_study_has_no_image_column(tmp_path):
    path = tmp_path / "m.csv"
    write_predictions(path, ["Edema"], np.array([[0.25], [1]]), study_ids=["a", "b, c"])
    assert path.read_text() == 'study_id,Edema\na,0.25\n"b, c",1\n'
