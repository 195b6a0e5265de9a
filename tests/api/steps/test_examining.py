"""Examinations of prediction files from Python, and their repairs."""

import numpy as np
import pandas as pd
import pytest

import cxrcompare as cxr
from cxrcompare.doctor import examine

COLUMNS = ["code", "message", "evidence", "repair", "confirm", "advice", "note"]


@pytest.fixture
def files(tmp_path):
    """A reference, and predictions that are percentages."""
    rng = np.random.default_rng(0)
    ids = [f"s{number}" for number in range(200)]
    labels = (rng.random((200, 2)) < 0.4).astype(int)
    scores = np.clip(0.3 * labels + 0.7 * rng.random(labels.shape), 0, 1)
    paths = tmp_path / "labels.csv", tmp_path / "model.csv"
    for path, values in zip(paths, (labels, np.round(100 * scores, 2)), strict=True):
        table = pd.DataFrame(values, columns=["Edema", "Mass"])
        table.insert(0, "study_id", ids)
        table.to_csv(path, index=False)
    return paths


def test_problems_are_rows_and_the_repair_corrects_them(files, tmp_path):
    reference, predictions = files
    found = cxr.examine(predictions, reference)
    assert list(found.columns) == COLUMNS
    assert list(found["code"]) == [one.code for one in examine(predictions, reference)]
    wrong = found[~found["note"]]
    repairs = [name for name in wrong["repair"] if name]
    assert repairs == ["percent"]
    out = cxr.repair(predictions, reference, repairs, tmp_path / "fixed.csv")
    assert out == tmp_path / "fixed.csv"
    after = cxr.examine(out, reference)
    assert "percent" not in set(after["repair"])
    assert list(after.columns) == COLUMNS
    original, corrected = pd.read_csv(predictions), pd.read_csv(out)
    np.testing.assert_allclose(corrected["Edema"], original["Edema"] / 100, atol=1e-12)


def test_a_repair_that_is_not_needed_is_refused(files, tmp_path):
    reference, predictions = files
    with pytest.raises(cxr.InputError, match="must be repairs that the file needs"):
        cxr.repair(predictions, reference, ["inverted"], tmp_path / "fixed.csv")
    assert not (tmp_path / "fixed.csv").exists()
