"""A cohort whose truth is known, as data frames and as the files that the command line reads."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

FINDINGS = ["Atelectasis", "Edema", "Mass"]


def cohort(split, first, studies, rng):
    number = np.arange(first, first + studies)
    rows = pd.DataFrame(
        {
            "study_id": [f"s{n}" for n in number],
            "patient_id": [f"p{split}{n // 2}" for n in number],
        }
    )
    signal = rng.normal(size=(studies, len(FINDINGS)))
    labels = (signal + rng.normal(size=signal.shape) > 0.7).astype(float)
    return rows, signal, labels


def table(rows, values):
    return pd.concat([rows, pd.DataFrame(np.round(values, 6), columns=FINDINGS)], axis=1)


@pytest.fixture(scope="session")
def study():
    """Test and validation tables of two models, a reader and metadata."""
    rng = np.random.default_rng(0)
    found = SimpleNamespace(findings=FINDINGS)
    for split, first, studies in (("test", 0, 200), ("valid", 1000, 160)):
        rows, signal, labels = cohort(split, first, studies, rng)
        models = {}
        for name, noise in (("good__seed0", 0.3), ("good__seed1", 0.3), ("bad", 2.0)):
            score = signal + noise * rng.normal(size=signal.shape)
            models[name] = table(rows, 1 / (1 + np.exp(0.7 - score)))
        setattr(found, split, SimpleNamespace(reference=table(rows, labels), models=models))
        flipped = np.where(rng.random(labels.shape) < 0.2, 1 - labels, labels)
        getattr(found, split).reader = table(rows, flipped)
        about = rows[["study_id"]].assign(sex=np.where(np.arange(studies) % 3, "F", "M"))
        getattr(found, split).metadata = about
    found.metadata = pd.concat([found.test.metadata, found.valid.metadata])
    return found


@pytest.fixture(scope="session")
def result(study):
    """The comparison of the two models."""
    import cxrcompare as cxr

    return cxr.compare(
        study.test.models,
        study.test.reference,
        validation=study.valid.models,
        validation_reference=study.valid.reference,
        readers={"dr_a": study.test.reader},
        margin=0.02,
        replicates=300,
    )


@pytest.fixture
def written(study, tmp_path):
    """The same tables as files: {name: path}."""

    def write(frame, *parts):
        path = tmp_path.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False)
        return path

    paths = SimpleNamespace(folder=tmp_path)
    for split in ("test", "valid"):
        tables = getattr(study, split)
        models = {name: write(frame, split, f"{name}.csv") for name, frame in tables.models.items()}
        reference = write(tables.reference, f"{split}.csv")
        setattr(paths, split, SimpleNamespace(models=models, reference=reference))
    paths.reader = write(study.test.reader, "dr_a.csv")
    paths.metadata = write(study.metadata, "metadata.csv")
    return paths
