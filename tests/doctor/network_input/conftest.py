"""A store of small images with two findings that a tiny network learns, and its inverted copy."""

import importlib.util
import os
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before any test imports Keras

from cxrcompare.image_table import COLUMNS, ImageTable
from cxrcompare.images.prepare import prepare

SIZE = 24
FINDINGS = ("Edema", "Nodule")


@pytest.fixture(scope="session")
def tiny():
    """Returns the module of the tiny network."""
    path = Path(__file__).parents[2] / "training" / "tiny.py"
    spec = importlib.util.spec_from_file_location("tiny_network", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def draw(rng, images):
    """Returns labels and images: Edema brightens everything, Nodule adds bright dots."""
    labels = (rng.random((images, 2)) < 0.5).astype(float)
    pixels = rng.integers(20, 90, (images, SIZE, SIZE)).astype(float)
    pixels += 40 * labels[:, 0, None, None] * rng.random((images, 1, 1))
    dots = rng.random((images, SIZE, SIZE)) < 0.03 * labels[:, 1, None, None]
    return labels, np.where(dots, 220, pixels).astype(np.uint8)


def write_store(folder, inverted=False, images=400):
    labels, pixels = draw(np.random.default_rng(0), images)
    source = folder.with_name(f"{folder.name}-source")
    source.mkdir()
    for index, image in enumerate(pixels):
        cv2.imwrite(str(source / f"{index}.png"), 255 - image if inverted else image)
    rows = pd.DataFrame(
        {
            "image_id": [f"i{n}" for n in range(images)],
            "path": [f"{n}.png" for n in range(images)],
            "patient_id": [f"p{n // 2}" for n in range(images)],
            "study_id": [f"s{n}" for n in range(images)],
            "view": "frontal",
            "sex": "F",
            "age": 50.0,
            "split": np.array(["train", "train", "valid", "test"])[np.arange(images) // 2 % 4],
        }
    )[list(COLUMNS)]
    for column, name in enumerate(FINDINGS):
        rows[name] = labels[:, column]
    prepare(ImageTable(rows, FINDINGS, "tiny", source), folder, SIZE, workers=1)
    return folder


@pytest.fixture(scope="session")
def stores(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    return write_store(folder / "plain"), write_store(folder / "inverted", True)
