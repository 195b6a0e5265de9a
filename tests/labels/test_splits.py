from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable
from cxrcompare.labels import splits

SHARES = np.array([0.7, 0.1, 0.2])


def _table(
    patients: Any,
    states: Any = None,
    split: Any = "",
    findings: tuple[str, ...] = ("Edema", "Fracture"),
) -> ImageTable:
    number = len(patients)
    if states is None:
        states = np.zeros((number, len(findings)))
    rows = pd.DataFrame(
        {
            "image_id": [f"i{n}" for n in range(number)],
            "path": [f"i{n}.png" for n in range(number)],
            "patient_id": [f"p{patient}" for patient in patients],
            "study_id": [f"s{n}" for n in range(number)],
            "view": "",
            "sex": "",
            "age": np.nan,
            "split": split,
        }
    )
    for place, name in enumerate(findings):
        rows[name] = np.asarray(states, float)[:, place]
    return ImageTable(rows, tuple(findings), "chexpert", Path("x"), {"synthetic": True})


def _random(rng: np.random.Generator, patients: int, findings: int = 5) -> Any:
    """Returns patients with 1 to 30 images and correlated findings, some uncertain or blank."""
    images = np.minimum(1 + rng.geometric(0.3, patients), 30)
    owner = np.repeat(np.arange(patients), images)
    risk = rng.beta(0.3, 2.0, (patients, findings)) * np.linspace(0.1, 1.0, findings)
    states = (rng.random((len(owner), findings)) < risk[owner]).astype(float)
    states[rng.random(states.shape) < 0.03] = -1.0
    states[rng.random(states.shape) < 0.10] = np.nan
    return owner, states


def _naive(counts: np.ndarray, weights: np.ndarray, shares: Any, rng: np.random.Generator) -> Any:
    """Returns splits by algorithm 1 of Sechidis et al. 2011, written literally, with weights."""
    chosen = [None] * len(counts)
    size = [share * sum(weights) for share in shares]
    totals = [sum(unit[f] for unit in counts) for f in range(len(counts[0]))]
    desired = [[share * total for total in totals] for share in shares]
    while None in chosen:
        left = {
            f: [u for u in range(len(counts)) if chosen[u] is None and counts[u][f]]
            for f in range(len(counts[0]))
        }
        left = {f: units for f, units in left.items() if units}
        if left:
            f, units = min(left.items(), key=lambda item: len(item[1]))
        else:
            f, units = None, [u for u in range(len(counts)) if chosen[u] is None]
        for unit in units:
            need = size if f is None else [desired[s][f] for s in range(len(shares))]
            best = [s for s in range(len(shares)) if need[s] == max(need)]
            best = [s for s in best if size[s] == max(size[b] for b in best)]
            s = best[rng.integers(len(best))]
            chosen[unit] = s
            size[s] -= weights[unit]
            for label in range(len(counts[0])):
                desired[s][label] -= counts[unit][label]
    return np.array(chosen)


def _worst(counts: np.ndarray, weights: np.ndarray, chosen: np.ndarray, shares: Any) -> Any:
    """Returns the largest deviation from a split's share of a label or of the images."""
    columns = np.column_stack([counts, weights])
    columns = columns[:, columns.sum(axis=0) > 0]
    got = np.stack([columns[chosen == s].sum(axis=0) for s in range(len(shares))])
    return np.abs(got / columns.sum(axis=0) - shares[:, None]).max()


def test_stratify_by_hand():
    # Ten units of one image; two have the label. Shares 1/2, 1/2: one of the two in each half, and
    # five units in each half.
    counts = np.zeros((10, 1), int)
    counts[[3, 7]] = 1
    for seed in range(20):
        chosen = splits.stratify(counts, np.ones(10, int), np.array([0.5, 0.5]), seed)
        assert chosen[3] != chosen[7]
        assert np.bincount(chosen).tolist() == [5, 5]


def test_stratify_weighs_units_by_their_images():
    # Label on a unit of 6 images and on six of 1 image: 12 positives, 6 for each half. Wherever the
    # heavy one is assigned, at most three of the light ones are in the same split.
    counts = np.array([[6], [1], [1], [1], [1], [1], [1]])
    for seed in range(20):
        chosen = splits.stratify(counts, counts[:, 0], np.array([0.5, 0.5]), seed)
        positives = np.bincount(chosen, counts[:, 0])
        assert abs(positives[0] - 6) <= 3


def test_stratify_agrees_with_the_algorithm_of_the_paper():
    rng = np.random.default_rng(5)
    ours, theirs = [], []
    for seed in range(8):
        owner, states = _random(rng, 120)
        counts = np.stack([np.bincount(owner, states[:, f] == 1) for f in range(5)], axis=1)
        weights = np.bincount(owner)
        chosen = splits.stratify(counts, weights, SHARES, seed)
        naive = _naive(counts.astype(int).tolist(), weights.tolist(), SHARES.tolist(), rng)
        ours.append(_worst(counts, weights, chosen, SHARES))
        theirs.append(_worst(counts, weights, naive, SHARES))
    assert np.mean(ours) <= 1.2 * np.mean(theirs)


def test_stratify_keeps_prevalence_better_than_chance():
    rng = np.random.default_rng(0)
    owner, states = _random(rng, 2000)
    counts = np.stack([np.bincount(owner, states[:, f] == 1) for f in range(5)], axis=1)
    weights = np.bincount(owner)
    ours = _worst(counts, weights, splits.stratify(counts, weights, SHARES, 0), SHARES)
    chance = _worst(counts, weights, rng.choice(3, 2000, p=SHARES), SHARES)
    assert ours < 0.01
    assert ours < chance / 2


def test_stratify_takes_the_rarest_label_first():
    # Three units with a rare label and shares of one third: one in each, in every seed, though
    # all of them have the common label too.
    counts = np.ones((60, 2), int)
    counts[:, 0] = 0
    counts[[5, 17, 40], 0] = 1
    for seed in range(20):
        chosen = splits.stratify(counts, np.ones(60, int), np.full(3, 1 / 3), seed)
        assert sorted(chosen[[5, 17, 40]]) == [0, 1, 2]


def test_stratify_does_not_favour_a_split_with_heavy_units():
    # The mean number of images per patient should be similar in all splits.
    rng = np.random.default_rng(1)
    owner, states = _random(rng, 3000)
    counts = np.stack([np.bincount(owner, states[:, f] == 1) for f in range(5)], axis=1)
    weights = np.bincount(owner)
    chosen = splits.stratify(counts, weights, SHARES, 0)
    means = [weights[chosen == s].mean() for s in range(3)]
    assert max(means) / min(means) < 1.1


@settings(max_examples=30, deadline=None)
@given(
    owner=st.lists(st.integers(0, 25), min_size=30, max_size=90),
    seed=st.integers(0, 5),
    positive=st.integers(0, 2**32 - 1),
)
def test_assign_is_whole_disjoint_and_repeatable(owner, seed, positive):
    if len(set(owner)) < 8:
        return
    states = np.random.default_rng(positive).choice([1.0, 0.0, -1.0, np.nan], (len(owner), 2))
    table = _table(owner, states)
    try:
        done = splits.assign(table, seed=seed)
    except InputError as error:
        assert "empty" in str(error)
        return
    assert set(done.rows["split"]) == {"train", "valid", "test"}
    assert not done.rows[["patient_id", "split"]].drop_duplicates()["patient_id"].duplicated().any()
    assert done.rows.drop(columns="split").equals(table.rows.drop(columns="split"))
    assert splits.assign(table, seed=seed).rows.equals(done.rows)
    splits.check_disjoint(done)


def test_assign_differs_by_seed_and_not_by_the_order_of_rows():
    rng = np.random.default_rng(0)
    owner, states = _random(rng, 200, 2)
    table = _table(owner, states)
    first, second = (splits.assign(table, seed=seed).rows["split"] for seed in (0, 1))
    assert (first != second).any()
    order = rng.permutation(len(table))
    shuffled = splits.assign(table.take(order)).rows["split"]
    assert shuffled.tolist() == first.iloc[order].tolist()


def test_uncertain_labels_are_stratified_too():
    # Ten of a hundred patients carry an uncertain label and nothing else: 7, 1 and 2 of them.
    states = np.zeros((100, 2))
    states[5:95:9, 1] = -1.0
    for seed in range(5):
        split = splits.assign(_table(range(100), states), seed=seed).rows["split"]
        counts = split[states[:, 1] == -1.0].value_counts().to_dict()
        assert counts == {"train": 7, "valid": 1, "test": 2}


def test_official_splits_stay():
    split = ["train"] * 6 + ["valid"] * 2 + ["test"] * 2
    table = _table(range(10), split=split)
    done = splits.assign(table)
    assert done.rows["split"].tolist() == split
    assert done.notes["splits"] == dict.fromkeys(("train", "valid", "test"), "official")
    assert done.notes["synthetic"] is True


def test_a_missing_split_is_taken_out_of_training():
    split = np.array(["train"] * 80 + ["test"] * 20)
    done = splits.assign(_table(range(100), split=split))
    after = done.rows["split"].to_numpy(object)
    assert (after[80:] == "test").all()
    assert (after[:80] == "valid").sum() == 10  # 80 * 0.1 / (0.7 + 0.1)
    assert done.notes["splits"] == {
        "train": "official in part",
        "valid": "derived",
        "test": "official",
    }


def test_a_data_set_for_testing_stays_as_it_is():
    done = splits.assign(_table([1, 2, 3], split="test"))
    assert done.rows["split"].tolist() == ["test"] * 3
    assert done.notes["splits"] == {"test": "official"}


def test_images_without_a_split_go_to_missing_splits_and_training():
    split = np.array(["valid"] * 10 + [""] * 90)
    after = splits.assign(_table(range(100), split=split)).rows["split"].to_numpy(object)
    assert (after[:10] == "valid").all()
    assert (after[10:] == "test").sum() == 20  # 90 * 0.2 / (0.7 + 0.2)
    assert (after[10:] == "train").sum() == 70


def test_images_without_a_split_follow_their_patient():
    owner = [*range(10), 7, 7, 2]
    split = ["train"] * 6 + ["valid"] * 2 + ["test"] * 2 + [""] * 3
    done = splits.assign(_table(owner, split=split))
    assert done.rows["split"].tolist()[10:] == ["valid", "valid", "train"]


def test_a_split_of_share_0_is_not_made():
    done = splits.assign(_table(range(10)), {"train": 0.8, "test": 0.2})
    assert done.rows["split"].value_counts().to_dict() == {"train": 8, "test": 2}
    assert list(done.notes["splits"]) == ["train", "test"]


def test_an_official_split_is_kept_where_no_share_asks_for_it():
    split = ["train"] * 8 + ["valid"] * 2
    done = splits.assign(_table(range(10), split=split), {"train": 0.8, "test": 0.2})
    assert (done.rows["split"][8:] == "valid").all()
    assert done.rows["split"][:8].value_counts().to_dict() == {"train": 6, "test": 2}


def test_a_patient_in_two_official_splits_is_refused():
    with pytest.raises(InputError, match=r"patient p1 in train \(i1\) and in test \(i2\)"):
        splits.assign(_table([0, 1, 1], split=["valid", "train", "test"]))


def test_too_few_patients_are_refused():
    with pytest.raises(InputError, match="2 patients, which leave"):
        splits.assign(_table([0, 0, 1]))


@pytest.mark.parametrize(
    "fractions",
    [
        {"train": 0.5, "test": 0.2},
        {"train": 1.2, "test": -0.2},
        {"train": 0.5, "dev": 0.5},
        {"train": float("nan"), "test": 0.5},
        {"valid": 0.5, "test": 0.5},
        {},
    ],
)
def test_wrong_fractions_are_refused(fractions):
    with pytest.raises(InputError, match="`fractions` must"):
        splits.assign(_table(range(10)), fractions)


def test_the_same_image_in_two_splits_is_refused_even_under_two_patients():
    table = _table([0, 1, 2, 3], split=["train", "train", "test", ""])
    hashes = np.arange(64, dtype=np.uint8).reshape(4, 16)
    splits.check_disjoint(table, hashes)
    hashes[1] = hashes[0]  # twice in training: allowed
    hashes[3] = hashes[2]  # once without a split: does not count
    splits.check_disjoint(table, hashes)
    hashes[2] = hashes[1]
    with pytest.raises(InputError, match=r"in train \(i\d.png\) and in test \(i2.png\)"):
        splits.check_disjoint(table, hashes)


def test_hashes_must_be_of_the_table():
    table = _table([0, 1], split="train")
    with pytest.raises(InputError, match=r"2 images\. Received: 3"):
        splits.check_disjoint(table, np.zeros((3, 16), np.uint8))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 6), st.integers(0, 8), st.sampled_from(["train", "valid", "test", ""])
        ),
        min_size=1,
        max_size=20,
    )
)
def test_check_disjoint_agrees_with_looking_at_every_pair(rows):
    owner, content, split = zip(*rows, strict=True)
    table = _table(owner, split=list(split))
    hashes = np.zeros((len(rows), 16), np.uint8)
    hashes[:, 7] = content
    torn = any(
        a[2] and b[2] and a[2] != b[2] and (a[0] == b[0] or a[1] == b[1])
        for a in rows
        for b in rows
    )
    if torn:
        with pytest.raises(InputError):
            splits.check_disjoint(table, hashes)
    else:
        splits.check_disjoint(table, hashes)
