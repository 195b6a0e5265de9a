"""Synthetic predictions and references, written as files, to which tests add defects."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxrcompare import doctor

FINDINGS = ("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Pneumonia", "Pneumothorax")
PREVALENCE = np.array([0.30, 0.20, 0.12, 0.25, 0.05, 0.08])


@dataclass
class Cohort:
    """Labels and probabilities of N images; a file may have other ids, scores or order."""

    folder: Path
    ids: list
    patients: list
    labels: np.ndarray
    scores: np.ndarray
    findings: tuple

    def write(self, name="model", ids=None, scores=None, order=None, column="image_id"):
        scores = self.scores if scores is None else scores
        frame = pd.DataFrame(scores, columns=list(self.findings))
        frame.insert(0, column, self.ids if ids is None else ids)
        return self._save(name, frame if order is None else frame.iloc[order])

    def reference(self, ids=None, labels=None, order=None, column="image_id", **more):
        labels = self.labels if labels is None else labels
        frame = pd.DataFrame(labels, columns=list(self.findings))
        frame.insert(0, column, self.ids if ids is None else ids)
        frame.insert(1, "patient_id", self.patients)
        for name, values in more.items():
            frame.insert(1, name, values)
        return self._save("reference", frame if order is None else frame.iloc[order])

    def _save(self, name, frame):
        path = self.folder / f"{name}.csv"
        frame.to_csv(path, index=False)
        return path


def draw(rng, folder, units=600, skill=1.5, per_patient=2, findings=FINDINGS):
    """Returns a cohort whose model has some skill and calibrated probabilities.

    Scores of the classes are normal, `skill` apart, so that the logit of the probability is linear
    in the score. Half of the variance is shared by the images of a patient.
    """
    prevalence = np.resize(PREVALENCE, len(findings))
    patients = np.arange(units) // per_patient
    shared = rng.normal(size=(patients.max() + 1, len(findings)))[patients]
    labels = (rng.random((units, len(findings))) < prevalence).astype(float)
    noise = np.sqrt(0.5) * (shared + rng.normal(size=(units, len(findings))))
    logits = skill * (skill * labels + noise - skill / 2) + np.log(prevalence / (1 - prevalence))
    ids = [f"{n:05d}.png" for n in range(units)]
    names = [f"p{n}" for n in patients]
    return Cohort(folder, ids, names, labels, 1 / (1 + np.exp(-logits)), findings)


@pytest.fixture
def cohort(tmp_path):
    return draw(np.random.default_rng(0), tmp_path)


@pytest.fixture
def make_cohort(tmp_path):
    def make(seed=0, **choices):
        return draw(np.random.default_rng(seed), tmp_path, **choices)

    return make


@pytest.fixture
def codes():
    """Returns the codes of the problems of a file."""

    def run(path, reference):
        return [problem.code for problem in doctor.examine(path, reference)]

    return run
