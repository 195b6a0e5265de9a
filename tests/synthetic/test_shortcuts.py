"""A report by subgroup reveals a model that uses the site's marker instead of the lungs."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.predictions import write_predictions
from cxrcompare.synthetic import write_sample

FINDING = "Pleural Effusion"
CORNER = 12


def read(folder: Path, split: str) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    """Returns ids of images, pixels (N, 64, 64), and whether there is an effusion."""
    rows = pd.read_csv(folder / f"{split}.csv")
    studies = rows["Path"].str.split("/", n=1).str[1].str.rsplit("/", n=1).str[0]
    truth = pd.read_csv(folder / "truth.csv").set_index("Study")[FINDING]
    pixels = np.zeros((len(rows), 64, 64))
    for place, path in enumerate(rows["Path"]):
        image = cv2.imread(str(folder / path.split("/", 1)[1]), cv2.IMREAD_GRAYSCALE)
        pixels[place, : image.shape[0], : image.shape[1]] = image / 255.0
    return rows["Path"], pixels, truth.loc[studies].to_numpy()


def corner(pixels: np.ndarray) -> np.ndarray:
    return pixels[:, :CORNER, :CORNER].reshape(len(pixels), -1)


def elsewhere(pixels: np.ndarray) -> np.ndarray:
    covered = pixels.copy()
    covered[:, :CORNER, :CORNER] = 0.0
    return covered.reshape(len(pixels), -1)


@pytest.mark.slow
def test_a_report_by_site_reveals_the_model_that_uses_the_marker(tmp_path):
    folder = write_sample(tmp_path / "sample", 600, 64, 1, shortcuts=["marker"], workers=1)
    _, pixels, truth = read(folder, "train")
    for name, see in (("sign", corner), ("lungs", elsewhere)):
        model = LogisticRegression(C=0.1, max_iter=500).fit(see(pixels), truth)
        for split in ("valid", "test"):
            ids, seen, _ = read(folder, split)
            scores = model.predict_proba(see(seen))[:, 1:]
            file = tmp_path / split / f"{name}.csv"
            file.parent.mkdir(exist_ok=True)
            write_predictions(file, [FINDING], scores, image_ids=list(ids))
    found = compare(
        [tmp_path / "test" / "sign.csv", tmp_path / "test" / "lungs.csv"],
        folder / "test.csv",
        validation=[tmp_path / "valid" / "sign.csv", tmp_path / "valid" / "lungs.csv"],
        validation_reference=folder / "valid.csv",
        subgroups=folder / "subgroups.csv",
        options=Options(replicates=500, findings=[FINDING]),
    )
    rows = found.metrics[found.metrics["finding"] == FINDING]

    def row(model: str, metric: str, subgroup: str = "") -> pd.Series:
        chosen = rows[(rows["model"] == model) & (rows["metric"] == metric)]
        return chosen[chosen["subgroup"] == subgroup].iloc[0]

    # In test, marker and effusion are independent, so the model of the marker has no skill.
    assert row("sign", "auroc")["low"] < 0.5 < row("sign", "auroc")["high"]
    assert row("lungs", "auroc")["low"] > 0.8
    # By site: it predicts an effusion for nearly all images of site A and for nearly no others.
    assert row("sign", "specificity", "site=A")["value"] < 0.5
    assert (
        row("sign", "specificity", "site=B")["low"] > row("sign", "specificity", "site=A")["high"]
    )
    # The control: the model that does not see the marker has equal specificity at both sites.
    here, there = (row("lungs", "specificity", f"site={site}") for site in "AB")
    assert here["low"] < there["high"] and there["low"] < here["high"]
