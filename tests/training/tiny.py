"""A tiny store and a tiny network; as a program, a training with them (to be killed).

`python tiny.py CONFIG.json RUN`
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from cxrcompare import models
from cxrcompare.filesystem import files
from cxrcompare.image_table import COLUMNS, ImageTable
from cxrcompare.images.prepare import prepare

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
            "view": "frontal",
            "sex": "F",
            "age": 50.0,
            "split": split,
        }
    )[list(COLUMNS)]
    for index, finding in enumerate(FINDINGS):
        rows[finding] = states[:, index]
    for path, image in zip(rows["path"], pixels, strict=True):
        cv2.imwrite(str(source / path), image)
    prepare(ImageTable(rows, FINDINGS, "tiny", source), folder, size, workers=1)
    return folder


def build(
    name: str,
    findings: int,
    image_size: int,
    weights: Any = "none",
    head: str = "linear",
    dropout: float = 0.2,
    normalisation: str = "own",
) -> Any:
    """Replaces `models.build`: two convolutions; weights other than "none" are constant."""
    import keras
    from keras import layers

    inside = keras.Input((image_size, image_size, 1))
    x = layers.Rescaling(*((1 / 127.5, -1.0) if normalisation == "own" else (1 / 255,)))(inside)
    for index, channels in enumerate((8, 16), 1):
        x = layers.Conv2D(channels, 3, 2, "same", use_bias=False, name=f"conv{index}")(x)
        x = layers.ReLU()(layers.BatchNormalization(name=f"bn{index}")(x))
    backbone = keras.Model(inside, x, name="backbone")
    pixels = keras.Input((image_size, image_size, 1), name="pixels")
    x = layers.GlobalAveragePooling2D(name="pool")(backbone(pixels))
    if head == "original":
        x = layers.BatchNormalization(name="head_bn1")(x)
    x = layers.Dropout(dropout, seed=random.randrange(2**31), name="head_dropout")(x)
    model = keras.Model(
        pixels, layers.Dense(findings, dtype="float32", name="logits")(x), name=name
    )
    if weights != "none":
        rng = np.random.default_rng(1)
        for variable in backbone.trainable_variables:
            if len(variable.shape) > 1:
                variable.assign(rng.normal(0, 0.3, variable.shape))
    return model


if __name__ == "__main__":
    from cxrcompare import exit_status
    from cxrcompare.training.run_config import RunConfig
    from cxrcompare.training.train import train

    models.build = build
    config, run = map(Path, sys.argv[1:])
    sys.exit(exit_status.run(lambda: train(RunConfig.model_validate(files.read_json(config)), run)))
