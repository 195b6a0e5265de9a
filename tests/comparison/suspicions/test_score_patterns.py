"""Each pattern raises its warning, and only its warning; clean files raise none."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.suspicions import score_patterns

FEW = Options(replicates=100)
ALWAYS = {"no_validation", "prevalence_of_test", "one_seed"}


@pytest.fixture(scope="module")
def labels():
    return (np.random.default_rng(3).random((300, 3)) < (0.3, 0.4, 0.2)).astype(float)


@pytest.fixture
def warned(tmp_path, labels):
    """Returns the warnings of a comparison of one or more models, {code: (model, finding)}."""

    def run(scores, reference=labels, thresholds=None):
        paths = []
        for name, values in {"reference": reference, **scores}.items():
            frame = pd.DataFrame(values, columns=["Edema", "Pneumonia", "Cardiomegaly"])
            frame.insert(0, "study_id", [f"s{n}" for n in range(len(frame))])
            frame.insert(1, "patient_id", [f"p{n}" for n in range(len(frame))])
            paths.append(tmp_path / f"{name}.csv")
            frame.to_csv(paths[-1], index=False)
        found = compare(paths[1:], paths[0], options=FEW, thresholds=thresholds).warnings
        found = found[~found["code"].isin(ALWAYS)]
        return {row.code: (row.model, row.finding) for row in found.itertuples()}

    return run


def good(labels, seed=0):
    noise = np.random.default_rng(seed).normal(size=labels.shape)
    return 1 / (1 + np.exp(-(2 * labels - 1 + noise)))


def test_clean_files_raise_none(warned, labels):
    assert warned({"a": good(labels), "b": good(labels, 1)}) == {}


@pytest.mark.parametrize("change", ["shuffled", "shifted"])
def test_rows_in_another_order(warned, labels, change):
    scores = good(labels)
    rows = np.random.default_rng(5).permutation(300) if change == "shuffled" else np.arange(-1, 299)
    assert warned({"a": scores[rows], "b": scores}) == {"not_above_chance": ("a", "")}


def test_a_weak_but_real_model_is_above_chance(warned, labels):
    noise = np.random.default_rng(1).normal(size=labels.shape)
    assert warned({"a": 1 / (1 + np.exp(-(0.25 * labels + noise)))}) == {}


def test_probabilities_divided_by_100(warned, labels):
    found = warned({"a": good(labels) / 100, "b": good(labels, 1)})
    assert found["small_probabilities"] == ("a", "")
    assert found.keys() == {"small_probabilities", "one_sided_threshold"}


def test_a_softmax_over_findings(warned, labels):
    scores = np.exp(3 * good(labels))
    found = warned({"a": scores / scores.sum(axis=1, keepdims=True)})
    assert found == {"sum_to_one": ("a", "")}


def test_images_that_could_not_be_read(warned, labels):
    scores = good(labels)
    scores[:12] = 0
    found = warned({"a": scores})
    assert found["same_rows"] == ("a", "")
    assert found.keys() == {"same_rows", "ties"}


def test_hard_labels_are_ties_but_no_unread_images(warned, labels):
    assert warned({"a": (good(labels) > 0.5).astype(float)}).keys() == {"ties"}


def test_a_recalibrated_copy_and_a_copy_with_noise_of_the_last_digit(warned, labels):
    scores = good(labels)
    assert warned({"a": scores, "b": scores**2})["same_order"] == ("b", "")
    nearly = scores + 1e-12 * np.random.default_rng(0).random(scores.shape)
    assert warned({"m__seed0": scores, "m__seed1": nearly})["same_order"] == ("m seed 1", "")


def test_the_same_order_of_the_first_finding_only_is_no_copy(warned, labels):
    scores, other = good(labels), good(labels, 1)
    other[:, 0] = scores[:, 0] ** 2
    assert warned({"a": scores, "b": other}) == {}


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 40), st.integers(1, 30), st.integers(0, 999))
def test_units_that_share_all_scores_share_the_most_frequent_score_of_each(units, values, seed):
    scores = np.random.default_rng(seed).integers(0, values, (units, 3)) / 7
    rows = Counter(map(tuple, scores.tolist())).most_common(1)[0][1]
    ties = [score_patterns._largest_tie(column) for column in scores.T]
    assert ties == [max(Counter(column).values()) for column in scores.T.tolist()]
    assert rows <= min(ties)


def test_thresholds_of_another_model(warned, labels, tmp_path, caplog):
    table = {"finding": ["Edema", "Pneumonia", "Cardiomegaly", "Edemaa"], "threshold": [0.5] * 4}
    table["threshold"][1] = 0.999999
    pd.DataFrame(table).to_csv(tmp_path / "thresholds.csv", index=False)
    found = warned({"a": good(labels)}, thresholds=tmp_path / "thresholds.csv")
    assert found["one_sided_threshold"] == ("a", "Pneumonia")
    assert "not used: Edemaa" in caplog.text


def test_a_reference_with_few_labels(warned, labels):
    sparse = labels.copy()
    sparse[100:, 0] = np.nan
    sparse[140:, 1] = np.nan
    sparse[150:, 2] = np.nan  # half is enough
    found = warned({"a": good(labels)}, reference=sparse)
    assert found["few_labels"][1] == "Pneumonia"  # the last of two
    assert found.keys() <= {"few_labels", "few_positives", "few_for_roc_point"}
