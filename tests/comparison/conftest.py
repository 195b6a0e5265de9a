"""Small test sets whose truth is known, written as the files that a comparison reads."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.inputs.panel import Panel, Run
from cxrcompare.evaluation.bootstrap.resampling import draw

FINDINGS = ("Atelectasis", "Edema", "Mass")


class Bench:
    """A folder to which labels, predictions and readers of one cohort are written."""

    def __init__(self, folder, seed=0, studies=120, per_patient=2, findings=FINDINGS):
        self.folder = folder
        self.rng = np.random.default_rng(seed)
        self.findings = findings
        self.signal, self.labels, self.rows = {}, {}, {}
        for split, count, first in (("test", studies, 0), ("valid", studies, 10_000)):
            number = np.arange(first, first + count)
            self.rows[split] = pd.DataFrame(
                {
                    "study_id": [f"s{n}" for n in number],
                    "patient_id": [f"p{first}_{n // per_patient}" for n in number - first],
                }
            )
            self.signal[split] = self.rng.normal(size=(count, len(findings)))
            noisy = self.signal[split] + self.rng.normal(size=(count, len(findings)))
            self.labels[split] = (noisy > 0.7).astype(float)

    def table(self, name, values, split="test", findings=None):
        path = self.folder / split / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = dict(zip(findings or self.findings, np.asarray(values).T, strict=True))
        pd.concat([self.rows[split], pd.DataFrame(columns)], axis=1).to_csv(path, index=False)
        return path

    def reference(self, split="test", labels=None):
        labels = self.labels[split] if labels is None else labels
        return self.table(f"{split}-reference", labels, "references")

    def references(self):
        for split in ("test", "valid"):
            self.rows["references"] = self.rows[split]
            yield self.reference(split)

    def model(self, name, noise, split="test", rng=None):
        rng = rng or self.rng
        shape = self.signal[split].shape
        score = self.signal[split] + noise * rng.normal(size=shape)
        return self.table(name, 1 / (1 + np.exp(0.7 - score)), split)

    def about(self, columns, splits=("test", "valid")):
        """Writes metadata of each study, {column: function of split and count of studies}."""
        parts = []
        for split in splits:
            frame = self.rows[split][["study_id"]].copy()
            for name, function in columns.items():
                frame[name] = function(split, len(frame))
            parts.append(frame)
        path = self.folder / "about.csv"
        pd.concat(parts).to_csv(path, index=False)
        return path

    def scores(self, path):
        """Returns the scores of a file of predictions, (N, F)."""
        return pd.read_csv(path)[list(self.findings)].to_numpy()

    def standard(self, split="test", labels=None):
        self.rows["references"] = self.rows[split]
        return self.reference(split, labels)


@pytest.fixture(scope="module")
def shared_bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("bench"))


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


@pytest.fixture
def make_bench(tmp_path):
    def make(**choices):
        return Bench(tmp_path, **choices)

    return make


def rows(frame, **where):
    """Returns the rows whose columns have these values."""
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return frame


def row(frame, **where):
    """Returns the one row whose columns have these values."""
    found = rows(frame, **where)
    assert len(found) == 1, f"{len(found)} rows with {where}"
    return found.iloc[0]


@pytest.fixture(name="row")
def one_row():
    return row


@pytest.fixture(name="rows")
def some_rows():
    return rows


@pytest.fixture
def make_panel():
    """Returns a function that makes a panel of arrays, without files."""

    def make(labels, scores, patients=None, thresholds=0.5, trivial=(), replicates=100):
        """Makes a panel.

        Args:
            labels: (N, F).
            scores: {"model" or "model__seedS": (N, F)}.
            patients: (N,) ids; each unit is a patient by default.
            thresholds: One number, or (M, F).
            trivial: The names of `scores` that are baselines.
            replicates: The number of resamples.
        """
        labels = np.asarray(labels, dtype=float)
        stack = np.array(list(scores.values()), dtype=float)
        who = np.arange(len(labels)) if patients is None else np.asarray(patients)
        limit = np.broadcast_to(np.asarray(thresholds, dtype=float), (len(stack), labels.shape[1]))
        runs = []
        for name in scores:
            model, _, seed = name.partition("__seed")
            runs.append(Run(model, seed, "trivial" if name in trivial else "network"))
        return Panel(
            FINDINGS[: labels.shape[1]],
            labels,
            who,
            tuple(runs),
            stack,
            limit,
            stack >= limit[:, None, :],
            draw(who, replicates, np.random.default_rng(0)),
        )

    return make
