"""A comparison of two models with all optional tables."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare

FINDINGS = ("Edema", "Cardiomegaly")


def cohort(split, rng, noises):
    """Returns the reference, the predictions and a reader of 120 studies of 60 patients."""
    labels = (rng.random((120, 2)) < 0.4).astype(float)
    number = np.arange(120)
    ids = pd.DataFrame({"study_id": [f"{split}{n}" for n in number]})
    ids["patient_id"] = [f"{split}p{n // 2}" for n in number]

    def table(values):
        return pd.concat([ids, pd.DataFrame(values, columns=list(FINDINGS))], axis=1)

    scores = {
        name: table(1 / (1 + np.exp(1 - labels - noise * rng.normal(size=labels.shape))))
        for name, noise in noises.items()
    }
    flipped = np.where(rng.random(labels.shape) < 0.2, 1 - labels, labels)
    return (
        table(labels),
        scores,
        table(flipped),
        ids.assign(sex=np.where(number // 2 % 3, "F", "M")),
    )


@pytest.fixture(scope="session")
def compared():
    rng = np.random.default_rng(4)
    noises = {"first": 0.7, "second": 1.0, "third": 1.2}
    reference, predictions, reader, sexes = cohort("t", rng, noises)
    known, chosen_on, _, other_sexes = cohort("v", rng, noises)
    return compare(
        predictions,
        reference,
        validation=chosen_on,
        validation_reference=known,
        readers={"one": reader},
        subgroups=pd.concat([sexes, other_sexes]),
        options=Options(replicates=200, margin=0.03),
    )


@pytest.fixture(scope="session")
def words():
    """Returns a function that joins the words of sentences."""
    return lambda sentences: ". ".join(one.words for one in sentences)


@pytest.fixture(scope="session")
def changed():
    """Returns a function that changes columns of two tables and the protocol of a comparison."""

    def change(comparison, metrics=None, differences=None, **protocol):
        return dataclasses.replace(
            comparison,
            metrics=comparison.metrics.assign(**metrics or {}),
            differences=comparison.differences.assign(**differences or {}),
            protocol={**comparison.protocol, **protocol},
        )

    return change
