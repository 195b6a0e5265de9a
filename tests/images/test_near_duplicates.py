"""Nearly equal images in different splits: copies are found, other images are not reported."""

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.images import near_duplicates
from cxrcompare.images.near_duplicates import Pair, find
from cxrcompare.images.prepare import prepare

from .conftest import draw_image, jpeg, table_of


def images(count: int, size: int = 64) -> np.ndarray:
    """Returns smooth images with fine detail."""
    rng = np.random.default_rng(1)
    smooth = np.stack([draw_image(seed, size, size) for seed in range(count)])
    fine = [cv2.resize(rng.integers(-40, 41, (24, 24)).astype(np.float32), (size, size))]
    fine += [np.roll(fine[0], (7 * n, 11 * n), (0, 1)) for n in range(1, count)]
    return np.clip(smooth + np.stack(fine), 0, 255).astype(np.uint8)


def reencoded(image: np.ndarray) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 0)


def brighter(image: np.ndarray) -> np.ndarray:
    return (image * 0.8 + 30).astype(np.uint8)


def resized(image: np.ndarray) -> np.ndarray:
    small = cv2.resize(image, (48, 48), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, image.shape, interpolation=cv2.INTER_LINEAR)


def noisy(image: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(2).normal(0, 4, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("few", [1000, 0])
@pytest.mark.parametrize("change", [reencoded, brighter, resized, noisy])
def test_changed_copies_in_another_split_are_found(change, few, monkeypatch):
    monkeypatch.setattr(near_duplicates, "_FEW", few)
    own = images(60)
    both = np.concatenate([own, np.stack([change(image) for image in own[:20]])])
    splits = np.array([0] * 60 + [2] * 20)
    found = find(both, splits)
    assert [(pair.first, pair.second) for pair in found] == [(n, 60 + n) for n in range(20)]
    assert min(pair.correlation for pair in found) >= near_duplicates.CORRELATION


def test_copies_in_the_same_split_or_without_a_split_are_not_reported():
    own = images(4)
    twice = np.concatenate([own, own])
    assert find(twice, np.zeros(8, int)) == []
    assert find(twice, np.array([0, 0, 0, 0, -1, -1, -1, -1])) == []
    assert find(twice, np.array([0, 0, 1, 1, 0, -1, 1, 2])) == [Pair(3, 7, 1.0)]


def test_images_of_one_grey_level_are_not_compared():
    plain = np.stack([np.full((40, 40), level, np.uint8) for level in (0, 0, 90, 255)])
    assert find(plain, np.array([0, 1, 0, 1])) == []


def test_the_number_of_pairs_is_limited(monkeypatch):
    monkeypatch.setattr(near_duplicates, "MOST", 3)
    same = np.repeat(images(1), 10, axis=0)
    assert len(find(same, np.arange(10) % 2)) == 3
    assert near_duplicates.describe(3).startswith("at least 3 pairs")


def test_the_search_by_hashes_finds_each_pair_within_three_bits_of_one_hash(monkeypatch):
    """Of four parts, three different bits leave one part equal; reference: all pairs."""
    monkeypatch.setattr(near_duplicates, "_CHUNK", 7)
    rng = np.random.default_rng(3)
    centres = rng.integers(0, 2**63, 30, dtype=np.uint64)
    flips = [sum(1 << int(bit) for bit in rng.choice(64, 3, replace=False)) for _ in range(300)]
    hashes = centres[rng.integers(0, 30, 300)] ^ np.array(flips, dtype=np.uint64)
    splits = rng.integers(0, 3, 300)
    distance = np.bitwise_count(hashes[:, None] ^ hashes[None, :])
    across = splits[:, None] != splits[None, :]
    least = {tuple(pair) for pair in np.argwhere((distance <= 3) & across) if pair[0] < pair[1]}
    most = {tuple(pair) for pair in np.argwhere((distance <= 8) & across) if pair[0] < pair[1]}
    pairs = [
        tuple(sorted(pair))
        for chunk in near_duplicates._candidates(hashes, splits)
        for pair in zip(*chunk, strict=True)
    ]
    assert len(set(pairs)) == len(pairs)
    assert least <= set(pairs) <= most
    assert least


@given(st.lists(st.integers(0, 4), max_size=40))
def test_equal_keys_are_paired_once(keys):
    found = [
        tuple(sorted(pair))
        for block in near_duplicates._equal(np.array(keys, np.uint16))
        for pair in block.T.tolist()
    ]
    expected = [
        (i, j) for i in range(len(keys)) for j in range(i + 1, len(keys)) if keys[i] == keys[j]
    ]
    assert sorted(found) == expected


@pytest.mark.parametrize("known", [True, False])
def test_a_store_lists_the_pairs_and_a_warning_names_the_first(known, tmp_path, caplog):
    root = tmp_path / "data"
    (root / "train").mkdir(parents=True)
    paths = [f"train/{row}.jpg" for row in range(6)]
    for row, image in enumerate(images(5)):
        (root / paths[row]).write_bytes(jpeg(image))
    (root / paths[5]).write_bytes(jpeg(images(5)[1], quality=70))
    table = table_of(root, paths, split=["train"] * 4 + ["test"] * 2)
    table.notes["patients_known"] = known
    store = prepare(table, tmp_path / "store", 64, workers=1)
    listed = pd.read_csv(tmp_path / "store/near_duplicates.csv", dtype=str, keep_default_na=False)
    assert tuple(listed.columns) == near_duplicates.COLUMNS
    (row,) = listed.to_numpy().tolist()
    patients = ("000", "002") if known else ("", "")
    assert row[:6] == ["0001", "train", patients[0], "0005", "test", patients[1]]
    assert store.description["near_duplicates"] == 1
    assert "1 pair of nearly equal images in different splits" in caplog.text
    assert "first: 0001 in train and 0005 in test" in caplog.text
    store.verify()
