"""Training rows of a metadata file: with labels, and of no compared study or patient."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.predictions import Aligned, read_metadata, training_rows


def aligned(units, studies, patients, unit="study", findings=("Edema", "Odd")):
    count = len(units)
    given = [np.array(one, dtype=object) for one in (units, studies, patients)]
    blank = np.zeros((count, len(findings)))
    return Aligned(unit, *given, findings, blank, (("a", ""),), blank[None], None, ())


@pytest.fixture
def read(tmp_path):
    def write(named=("Edema", "Odd"), **columns):
        path = tmp_path / "about.csv"
        pd.DataFrame(columns).to_csv(path, index=False)
        return read_metadata(path, named=named)

    return write


def test_rows_of_other_patients_with_labels_are_training(read):
    metadata = read(
        study_id=["t1", "v1", "s1", "s2", "s3", "s4", "s5"],
        patient_id=["p1", "p2", "p3", "p1", "p4", "p5", ""],
        sex=["F", "M", "F", "M", "M", "", "F"],
        Edema=["1", "0", "1.0", "1", "-1", "0", "1"],
        Odd=["0", "0", "", "1", "1", "u", "1"],
    )
    test, valid = aligned(["t1"], ["t1"], ["p1"]), aligned(["v1"], ["v1"], ["p2"])
    found = training_rows(metadata, [test, valid])
    # s2 is of a test patient, s5 of an unknown one; -1 and u are unknown labels
    assert found.unit == "study"
    assert list(found.columns) == ["sex"]
    assert found.columns["sex"].tolist() == ["F", "M", ""]
    np.testing.assert_array_equal(found.labels, [[1, np.nan], [np.nan, 1], [0, np.nan]])


def test_without_patients_only_studies_are_compared(read):
    metadata = read(study_id=["t1", "s1"], sex=["F", "M"], Edema=["1", "0"])
    found = training_rows(metadata, [aligned(["t1"], ["t1"], ["t1"])])
    np.testing.assert_array_equal(found.labels, [[0, np.nan]])
    assert training_rows(metadata, [aligned(["t1"], ["t1"], ["p1"])]) is None


def test_images_of_a_study_are_joined(read):
    metadata = read(
        image_id=["i1", "i2", "i3"],
        study_id=["s1", "s1", "s2"],
        view=["AP", "lateral", "PA"],
        Edema=["0", "1", "0"],
    )
    by_study = training_rows(metadata, [aligned(["t"], ["t"], ["t"])])
    assert by_study.columns["view"].tolist() == ["AP + lateral", "PA"]
    assert by_study.labels[:, 0].tolist() == [1, 0]
    by_image = training_rows(metadata, [aligned(["t"], ["t"], ["t"], "image")])
    assert (by_image.unit, by_image.columns["view"].tolist()) == ("image", ["AP", "lateral", "PA"])
    # an image of a compared study is not training
    assert training_rows(metadata, [aligned(["x", "y"], ["s1", "s2"], ["s1", "s2"])]) is None


def test_rows_without_labels_are_no_training_rows(read):
    metadata = read(study_id=["s1"], sex=["F"], Edema=[""])
    assert training_rows(metadata, [aligned(["t"], ["t"], ["t"])]) is None
    assert training_rows(read(study_id=["s1"], sex=["F"]), [aligned(["t"], ["t"], ["t"])]) is None
