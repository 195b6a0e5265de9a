"""Cropped and mirrored copies are found, and other images are not."""

import cv2
import numpy as np
import pytest

from cxrcompare.images import near_duplicates
from cxrcompare.images.copies import changed_copies, windows
from cxrcompare.images.decoding.resize import fit

COUNT, COPIES = 60, 8


def textured(count: int, size: int = 96) -> np.ndarray:
    """Returns images with detail of several widths, each with its own."""
    rng = np.random.default_rng(5)
    found = np.zeros((count, size, size), np.float32)
    for cells in (4, 9, 18, 40):
        for row in range(count):
            noise = rng.normal(0, 1, (cells, cells)).astype(np.float32)
            found[row] += cv2.resize(noise, (size, size), interpolation=cv2.INTER_CUBIC)
    return np.clip(128 + 30 * found, 0, 255).astype(np.uint8)


def cut(image: np.ndarray, left: int, top: int, right: int, bottom: int) -> np.ndarray:
    size = len(image)
    return fit(np.ascontiguousarray(image[top : size - bottom, left : size - right]), size)


def mirrored(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image[:, ::-1])


CHANGES = {
    "2 % cut": (lambda image: cut(image, 2, 2, 2, 2), "cropped"),
    "one side cut": (lambda image: cut(image, 8, 0, 0, 0), "cropped"),
    "two sides cut": (lambda image: cut(image, 0, 7, 6, 0), "cropped"),
    "8 % cut": (lambda image: cut(image, 8, 8, 8, 8), "cropped"),
    "padded": (lambda image: fit(np.pad(image, 5), 96), "cropped"),
    "mirrored": (mirrored, "mirrored"),
    "mirrored and cut": (lambda image: mirrored(cut(image, 3, 1, 4, 2)), "mirrored"),
}


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("copies_first", [False, True])
def test_changed_copies_are_found_and_no_other_pair(name, copies_first):
    change, expected = CHANGES[name]
    own = textured(COUNT)
    copies = np.stack([change(image) for image in own[:COPIES]])
    parts = [copies, own] if copies_first else [own, copies]
    splits = np.repeat([0, 2], [len(part) for part in parts])
    shift = COPIES if copies_first else COUNT
    found = near_duplicates.find(np.concatenate(parts), splits)
    assert [(pair.first, pair.second) for pair in found] == [(n, n + shift) for n in range(COPIES)]
    assert {pair.change for pair in found} == {expected}
    assert all(changed_copies.CORRELATION <= pair.correlation <= 1 for pair in found)


def test_without_the_search_for_changed_copies_a_mirrored_one_is_not_found():
    own = textured(4)
    both, splits = np.concatenate([own, mirrored(own[2])[None]]), np.array([0, 0, 0, 0, 1])
    assert near_duplicates.find(both, splits, changed=False) == []
    assert [pair.first for pair in near_duplicates.find(both, splits)] == [2]


def test_the_nearest_are_those_of_the_whole_matrix(monkeypatch):
    """Reference: all similarities at once, sorted."""
    monkeypatch.setattr(changed_copies, "_CHUNK", 7)
    rng = np.random.default_rng(1)
    asked, described = rng.normal(size=(3, 4, 6)), rng.normal(size=(40, 6))
    asked, described = (a / np.linalg.norm(a, axis=-1, keepdims=True) for a in (asked, described))
    for found, ways in zip(
        changed_copies._nearest(asked.astype(np.float32), described.astype(np.float32)),
        asked,
        strict=True,
    ):
        scores = np.array([[way @ one for one in described] for way in ways]).max(axis=0)
        best = {int(row) for row in np.argsort(-scores)[: changed_copies._NEAREST]}
        assert set(found.tolist()) == {row for row in best if scores[row] >= 0.8}


def test_images_of_a_set_are_compared_with_the_other_set_only():
    own = textured(3)
    images = np.concatenate([own, mirrored(own[0])[None], mirrored(own[1])[None]])
    rows = np.array([0, 1, 2, 3, 4])
    levels = np.stack([windows.levels(windows.reduce(one), [windows.CENTRAL])[0] for one in images])
    one, other = np.array([0, 3]), np.array([1, 2, 4])
    how = windows.basis(levels)
    assert changed_copies.find(images, rows, one, other, levels, how) == []
    (copy,) = changed_copies.find(images, rows, np.array([0, 1]), np.array([2, 3]), levels, how)
    assert (copy.first, copy.second, copy.mirrored) == (0, 3, True)
