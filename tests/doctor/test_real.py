"""Defects added to real predictions of the NIH test list are found, and only these."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxrcompare import doctor
from cxrcompare.findings import NIH

SHARED = Path(__file__).parents[2] / "../shared/data/nih-test-predictions"
PREDICTIONS = Path(os.environ.get("CXRCOMPARE_NIH_PREDICTIONS", SHARED))
REAL = sorted(PREDICTIONS.glob("*.npz")) if PREDICTIONS.is_dir() else []

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not REAL, reason="needs the folder of real predictions"),
]


class Real:
    """The files of one network, written as CSV; scores without ties, as they are float16."""

    def __init__(self, folder, file):
        held = np.load(file)
        rng = np.random.default_rng(0)
        self.folder = folder
        patients = held["test_patient"]
        self.ids = [f"{patient:08d}_{row:05d}.png" for row, patient in enumerate(patients)]
        logits = held["test_logits"].astype(np.float64)
        self.logits = logits + 1e-4 * rng.random(logits.shape)
        self.scores = 1 / (1 + np.exp(-self.logits))
        self.reference = self.write("reference", held["test_labels"], patients)

    def write(self, name, values, patients=None, ids=None):
        frame = pd.DataFrame(values, columns=list(NIH))
        frame.insert(0, "image_id", self.ids if ids is None else ids)
        if patients is not None:
            frame.insert(1, "patient_id", patients)
        path = self.folder / f"{name}.csv"
        frame.to_csv(path, index=False)
        return path

    def codes(self, **choices):
        path = self.write("model", choices.pop("values", self.scores), **choices)
        return [problem.code for problem in doctor.examine(path, self.reference)]


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    return Real(tmp_path_factory.mktemp("real"), REAL[0])


@pytest.mark.parametrize("file", REAL[::3], ids=lambda file: file.stem)  # a seed per network
def test_real_files_have_no_defect_but_half_precision(tmp_path, file):
    one = Real(tmp_path, file)
    assert one.codes() == []
    held = np.load(file)["test_logits"].astype(np.float64)
    path = one.write("half", 1 / (1 + np.exp(-held)))
    (problem,) = doctor.examine(path, one.reference)
    assert (problem.code, "half precision" in problem.message) == ("rounded", True)


def swap(values):
    order = np.arange(14)
    order[[3, 11]] = order[[11, 3]]
    return values[:, order]


def invert(values):
    return np.where(np.arange(14) == 7, 1 - values, values)


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda p: np.log(p / (1 - p)), "logits"),
        (lambda p: 100 * p, "percent"),
        (lambda p: p.round(3), "rounded"),
        (invert, "inverted"),
        (swap, "columns"),
        (lambda p: np.roll(p, 1, axis=1), "columns"),
        (lambda p: np.roll(p, 1, axis=0), "rows"),
        (lambda p: np.roll(p, -5, axis=0), "rows"),
        (lambda p: p[::-1], "rows"),
        (lambda p: np.random.default_rng(0).permutation(p), "shuffled"),
    ],
)
def test_a_defect_is_found(real, damage, expected):
    assert real.codes(values=damage(real.scores)) == [expected]


@pytest.mark.parametrize("pattern", ["images/{}.png", "{}", "/data/nih/{}.jpg"])
def test_changed_ids_are_found(real, pattern):
    ids = [pattern.format(name[:-4]) for name in real.ids]
    assert real.codes(ids=ids) == ["ids_changed"]
