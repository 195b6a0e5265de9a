"""A tiny store and a tiny network: trainings that take a second."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from cxrcompare.image_table import COLUMNS, ImageTable
from cxrcompare.images.store import prepare

FINDINGS = ("Edema", "Cardiomegaly", "Fracture")


def write_store(folder: Path, images: int = 60, size: int = 32, seed: int = 0) -> Path:
    """Writes a store whose findings are bright squares: Edema upper left, Cardiomegaly below it."""
    rng = np.random.default_rng(seed)
    states = (rng.random((images, 3)) < 0.5).astype(float)
    pixels = rng.integers(0, 80, (images, size, size), dtype=np.uint8)
    half = size // 2
    pixels[:, :half, :half] += (states[:, 0] * 120).astype(np.uint8)[:, None, None]
    pixels[:, half:, :half] += (states[:, 1] * 120).astype(np.uint8)[:, None, None]
    split = np.array(["valid", "test", "train", "train", "train"])[np.arange(images) % 5]
    states[(np.arange(images) % 7 == 0) & (split == "train"), 0] = -1
    states[(np.arange(images) % 6 == 0) & (split == "train"), 2] = np.nan
    source = folder.with_name(folder.name + "-source")
    source.mkdir(parents=True)
    rows = pd.DataFrame(
        {
            "image_id": [f"p{i}/s/v.png" for i in range(images)],
            "path": [f"{i}.png" for i in range(images)],
            "patient_id": [f"p{i}" for i in range(images)],
            "study_id": [f"p{i}/s" for i in range(images)],
            "view": "frontal", "sex": "F", "age": 50.0, "split": split,
        }
    )[list(COLUMNS)]  # fmt: skip
    for index, finding in enumerate(FINDINGS):
        rows[finding] = states[:, index]
    for path, picture in zip(rows["path"], pixels, strict=True):
        cv2.imwrite(str(source / path), picture)
    prepare(ImageTable(rows, FINDINGS, "tiny", source), folder, size, workers=1)
    return folder


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_store(tmp_path_factory.mktemp("tiny") / "store")
