"""Training data in the test set is said."""

import json

import numpy as np
import pytest

from cxrcompare.comparison.suspicions import training_units
from cxrcompare.predictions import read_predictions


@pytest.mark.parametrize(("name", "said"), [("train", 1), ("test", 0), ("valid", 0)])
def test_predictions_of_the_training_images_of_a_run(tmp_path, name, said):
    (tmp_path / "net" / "predictions").mkdir(parents=True)
    (tmp_path / "net" / "config.json").write_text(json.dumps({}))
    for path in (tmp_path / "net" / "predictions" / f"{name}.csv", tmp_path / f"{name}.csv"):
        path.write_text("study_id,Edema\na,0.5\nb,0.25\n")
    inside = read_predictions(tmp_path / "net" / "predictions" / f"{name}.csv")
    elsewhere = read_predictions(tmp_path / f"{name}.csv")
    assert [note.model for note in training_units.check([inside, elsewhere], {})] == ["net"] * said


def test_units_that_the_metadata_names_training():
    metadata = {
        "Split": np.array(["test", "Train", "training ", ""], dtype=object),
        "Site": np.array(["train", "train", "train", "train"], dtype=object),
    }
    (note,) = training_units.check([], metadata)
    assert note.code == "training_units"
    assert note.message.startswith("2 of 4 units of the test set are training data by the column")
    assert training_units.check([], {"split": np.array(["test", ""], dtype=object)}) == []
