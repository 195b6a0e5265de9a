"""A linear network that learns a planted shortcut, and the maps that reveal it.

    python benchmarks/shortcut.py --out shortcut [--images 1000] [--size 64]

Draws two samples that differ in the test images only: the marker of site A goes with Pneumothorax
in training and validation, and in test it is kept in one sample and broken in the other. A logistic
regression on 32 x 32 pixels learns each finding from the images. Its map is exact: the contribution
of each pixel. Prints the AUROC of both test sets and where the excess of the maps is. Result:
docs/results/localisation.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression

import cxrcompare as cxr
from cxrcompare import datasets
from cxrcompare.image_table import ImageTable
from cxrcompare.images.decoding.decode import load
from cxrcompare.labels.reference_standard import reference
from cxrcompare.localisation.maps.map_set import from_arrays
from cxrcompare.localisation.measuring import map_mass
from cxrcompare.localisation.regions import finding_regions
from cxrcompare.localisation.tables import Choices

SIDE = 32
FINDINGS = ("Pneumothorax", "Pleural Effusion")


def main() -> None:
    """Draws, fits, and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--size", type=int, default=64)
    given = parser.parse_args()
    fitted: dict[str, LogisticRegression] = {}
    for in_test in ("kept", "broken"):
        folder = cxr.make_sample(
            given.out / in_test,
            given.images,
            given.size,
            shortcuts=[f"marker:{FINDINGS[0]}"],
            shortcut_strength=0.95,
            shortcuts_in_test=in_test,
            masks=True,
        )
        table = datasets.read("chexpert", folder)
        if not fitted:
            seen, labels = _pixels(table, "train"), _labels(table, "train")
            fitted = {
                name: LogisticRegression(C=1e-3, max_iter=2000).fit(seen, labels[:, f])
                for f, name in enumerate(FINDINGS)
            }
        _test(in_test, table, fitted)


def _part(table: ImageTable, split: str) -> ImageTable:
    return table.take((table.rows["split"] == split).to_numpy())


def _pixels(table: ImageTable, split: str) -> np.ndarray:
    """Returns the standardised images of a split, (N, 1024)."""
    images = [
        cv2.resize(load(table.root / path, 64), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        for path in _part(table, split).rows["path"]
    ]
    flat = np.stack(images).reshape(len(images), -1).astype(np.float64)
    return (flat - flat.mean(axis=1, keepdims=True)) / flat.std(axis=1, keepdims=True)


def _labels(table: ImageTable, split: str) -> np.ndarray:
    columns = [table.findings.index(name) for name in FINDINGS]
    return np.nan_to_num(reference(_part(table, split), "negative")[:, columns])


def _test(in_test: str, table: ImageTable, fitted: dict[str, LogisticRegression]) -> None:
    rows, seen, labels = _part(table, "test").rows, _pixels(table, "test"), _labels(table, "test")
    logits = np.stack([fitted[name].decision_function(seen) for name in FINDINGS], axis=1)
    for f, name in enumerate(FINDINGS):
        found = cxr.auroc(labels[:, f], logits[:, f], groups=rows["patient_id"].to_numpy())
        print(f"{in_test}: {name}: AUROC {found}")
    maps = np.stack([seen * fitted[name].coef_ * SIDE**2 for name in FINDINGS], axis=1)
    values = maps.reshape(len(seen), len(FINDINGS), SIDE, SIDE).astype(np.float32)
    source = finding_regions.in_data_set(table, "test")
    if source is None:
        raise SystemExit("the sample has no masks")
    made = from_arrays("linear", "", rows["image_id"].tolist(), FINDINGS, values, logits)
    thresholds = np.quantile(logits, 0.75, axis=0)[None]
    patients = rows["patient_id"].tolist()
    network = map_mass.NetworkMaps([made], logits - thresholds, patients, "class-map")
    for row in map_mass.rows([network], source, Choices()):
        print(
            f"{in_test}: {row.finding}: {row.share:.1%} ({row.low:.1%} to {row.high:.1%}) of the "
            f"excess in lungs, heart or region ({row.area:.1%} of the image), "
            f"{row.shortcut:.1%} on the marker; flagged: {row.flagged}"
        )


if __name__ == "__main__":
    main()
