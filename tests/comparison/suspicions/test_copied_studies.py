"""A validation set that is the test set under other ids is refused."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.errors import InputError


@pytest.fixture
def sets(tmp_path):
    """Writes two models and a reference for a set of units, and returns the arguments."""

    def write(split, seed, digits=9, copied=0):
        rng = np.random.default_rng(seed)
        labels = rng.integers(0, 2, (120, 2))
        scores = [((labels + rng.random((120, 2))) / 2).round(digits) for _ in "ab"]
        if copied:
            first = np.random.default_rng(0)
            other = first.integers(0, 2, (120, 2))
            for own in scores:
                own[:copied] = ((other + first.random((120, 2))) / 2).round(digits)[:copied]
            labels[:copied] = other[:copied]
        (tmp_path / split).mkdir()
        for name, values in (("a", scores[0]), ("b", scores[1]), ("reference", labels)):
            frame = pd.DataFrame(values, columns=["Edema", "Pneumonia"])
            frame.insert(0, "study_id", [f"{split}{n}" for n in range(120)])
            frame.to_csv(tmp_path / split / f"{name}.csv", index=False)
        folder = tmp_path / split
        return [folder / "a.csv", folder / "b.csv"], folder / "reference.csv"

    return write


def compared(test, validation):
    return compare(
        *test,
        validation=validation[0],
        validation_reference=validation[1],
        options=Options(replicates=100),
    )


@pytest.mark.parametrize("copied", [120, 70])
def test_copies_are_refused(sets, copied):
    test = sets("test", 0)
    with pytest.raises(InputError, match=f"{copied} of 120 validation units"):
        compared(test, sets("valid", 1, copied=copied))


@pytest.mark.parametrize(("digits", "copied"), [(9, 0), (9, 20), (1, 0), (0, 0)])
def test_other_studies_few_copies_and_rounded_scores_are_not(sets, digits, copied):
    test = sets("test", 0, digits)
    assert len(compared(test, sets("valid", 1, digits, copied)).metrics)
