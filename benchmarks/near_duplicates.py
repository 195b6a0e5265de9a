"""Measures how many changed copies the search for near-duplicates finds, and its false alarms.

    python benchmarks/near_duplicates.py STORE --copies 300

Copies of random images of a store are changed in a known way and compared with all images of the
store. A found copy is a pair of an image and its copy; a false alarm is a pair of an image and a
copy of an image of another patient. False alarms are also counted among the images of the store
itself, which are divided at random by patient, four times.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import cv2
import numpy as np

from cxrcompare.images import near_duplicates
from cxrcompare.images.decoding.resize import fit
from cxrcompare.images.prepare import open_store

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def cut(image: np.ndarray, left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """Returns an image without parts of its sides, padded to a square again as `prepare` does."""
    size = len(image)
    first, last = round(left * size), size - round(right * size)
    return fit(
        np.ascontiguousarray(image[round(top * size) : size - round(bottom * size), first:last]),
        size,
    )


def any_cut(most: float) -> Change:
    """Returns a change that cuts up to a share of each side."""
    return lambda image, rng: cut(image, *rng.uniform(0, most, 4))


def one_side(share: float) -> Change:
    """Returns a change that cuts a share of one random side."""

    def change(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        cuts = [0.0] * 4
        cuts[rng.integers(4)] = share
        return cut(image, *cuts)

    return change


def then(first: Change, second: Callable[[np.ndarray], np.ndarray]) -> Change:
    """Returns a change followed by one that needs no random numbers."""
    return lambda image, rng: second(first(image, rng))


def alone(change: Callable[[np.ndarray], np.ndarray]) -> Change:
    """Returns a change that needs no random numbers."""
    return lambda image, rng: change(image)


def mirrored(image: np.ndarray) -> np.ndarray:
    """Returns an image with left and right exchanged."""
    return np.ascontiguousarray(image[:, ::-1])


def half(image: np.ndarray) -> np.ndarray:
    """Returns an image of half the resolution."""
    small = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return cv2.resize(small, image.shape[::-1], interpolation=cv2.INTER_LINEAR)


def noisy(image: np.ndarray) -> np.ndarray:
    """Returns an image with noise of a standard deviation of 8 grey levels."""
    noise = np.random.default_rng(0).normal(0, 8, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def compressed(image: np.ndarray) -> np.ndarray:
    """Returns an image after JPEG compression of quality 30."""
    _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 30])
    return cv2.imdecode(content, cv2.IMREAD_GRAYSCALE)


def turned(image: np.ndarray) -> np.ndarray:
    """Returns an image turned by 3 degrees."""
    size = len(image)
    return cv2.warpAffine(image, cv2.getRotationMatrix2D((size / 2, size / 2), 3, 1), (size, size))


def locally_equalised(image: np.ndarray) -> np.ndarray:
    """Returns an image after contrast-limited adaptive histogram equalisation."""
    return cv2.createCLAHE(2.0, (8, 8)).apply(image)


CHANGES: dict[str, Change] = {
    "JPEG of quality 30": alone(compressed),
    "half the resolution": alone(half),
    "30 grey levels brighter, 20 % less contrast": alone(
        lambda image: (image * 0.8 + 30).astype(np.uint8)
    ),
    "gamma 1.5": alone(lambda image: (255 * (image / 255) ** 1.5).astype(np.uint8)),
    "noise of 8 grey levels": alone(noisy),
    "mirrored": alone(mirrored),
    "mirrored, up to 5 % of each side cut": then(any_cut(0.05), mirrored),
    "2 % of each side cut": alone(lambda image: cut(image, *[0.02] * 4)),
    "5 % of each side cut": alone(lambda image: cut(image, *[0.05] * 4)),
    "10 % of each side cut": alone(lambda image: cut(image, *[0.1] * 4)),
    "15 % of each side cut": alone(lambda image: cut(image, *[0.15] * 4)),
    "up to 10 % of each side cut": any_cut(0.1),
    "5 % of one side cut": one_side(0.05),
    "10 % of one side cut": one_side(0.1),
    "15 % of one side cut": one_side(0.15),
    "up to 5 % of each side cut, JPEG of quality 30": then(any_cut(0.05), compressed),
    "up to 5 % of each side cut, half the resolution": then(any_cut(0.05), half),
    "up to 5 % of each side cut, noise": then(any_cut(0.05), noisy),
    "5 % of padding around": alone(lambda image: fit(np.pad(image, len(image) // 20), len(image))),
    "turned by 3 degrees": alone(turned),
    "histogram equalised": alone(cv2.equalizeHist),
    "histogram equalised locally": alone(locally_equalised),
}


def main() -> None:
    """Prints a table of changes and the false alarms."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store")
    parser.add_argument("--copies", type=int, default=300)
    words = parser.parse_args()
    store = open_store(words.store)
    images = np.stack([store.pixels[row] for row in range(len(store))])
    patients = store.table.rows["patient_id"].to_numpy(object)
    rng = np.random.default_rng(0)
    print("| change | found | false alarms |\n| --- | ---: | ---: |")
    for name, change in CHANGES.items():
        rows = rng.choice(len(images), min(words.copies, len(images)), replace=False)
        both = np.concatenate([images, np.stack([change(images[row], rng) for row in rows])])
        splits = np.array([0] * len(images) + [1] * len(rows))
        pairs = [
            (pair.first, rows[pair.second - len(images)])
            for pair in near_duplicates.find(both, splits)
        ]
        found = sum(first == row for first, row in pairs)
        wrong = sum(patients[first] != patients[row] for first, row in pairs)
        print(f"| {name} | {found / len(rows):.1%} | {wrong} |", flush=True)
    divide(images, patients, rng)


def divide(images: np.ndarray, patients: np.ndarray, rng: np.random.Generator) -> None:
    """Prints the pairs that are found between random halves of the patients."""
    names = np.unique(patients.astype(str))
    compared, alarms, before = 0, 0, time.process_time()
    for _ in range(4):
        first = np.isin(patients.astype(str), rng.choice(names, len(names) // 2, replace=False))
        compared += int(first.sum() * (~first).sum())
        alarms += len(near_duplicates.find(images, first.astype(int)))
    seconds = time.process_time() - before
    print(
        f"{alarms} of {compared:,} pairs of different patients; {seconds:.1f} s of processor time"
    )


if __name__ == "__main__":
    main()
