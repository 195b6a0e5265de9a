"""Shows that every finding of the sample can be learnt: a small network from scratch, on truth.

    python benchmarks/sample_learnability.py --images 4000 --size 96 --epochs 12

Prints, for a quarter, a half and all of the training images, the AUROC of each finding on the test
images with the p-value of the Mann-Whitney test against chance, and writes the learning curve.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from scipy.stats import mannwhitneyu

from cxrcompare import datasets
from cxrcompare.datasets.phantom import write_sample
from cxrcompare.findings import CHEXPERT


def read(folder: Path, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns pixels (N, size, size, 1), truth (N, 14) and splits (N,)."""
    table = datasets.read("chexpert", folder)
    truth = pd.read_csv(folder / "truth.csv")
    study = truth["Study"].str.split("/", n=1).str[1]
    values = truth.set_index(study)[list(CHEXPERT)].loc[table.rows["study_id"]].to_numpy(float)
    pixels = np.zeros((len(table), size, size, 1), np.uint8)
    for index, path in enumerate(table.rows["path"]):
        image = cv2.imread(str(table.root / path), cv2.IMREAD_GRAYSCALE)
        height, width = image.shape
        top, left = (size - height) // 2, (size - width) // 2
        pixels[index, top : top + height, left : left + width, 0] = image
    return pixels, values, table.rows["split"].to_numpy()


def network(size: int):
    """Returns a plain network of five convolutions, about 200,000 parameters."""
    import keras

    layers = [keras.Input((size, size, 1)), keras.layers.Rescaling(1 / 64.0, offset=-2.0)]
    for width in (16, 32, 64, 96, 128):
        layers += [
            keras.layers.Conv2D(width, 3, padding="same", use_bias=False),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
            keras.layers.MaxPooling2D(),
        ]
    layers += [keras.layers.Flatten(), keras.layers.Dropout(0.5), keras.layers.Dense(14)]
    return keras.Sequential(layers)


def learn(
    pixels: np.ndarray, truth: np.ndarray, test: np.ndarray, epochs: int, seed: int
) -> np.ndarray:
    """Returns the test images' scores after training on the others, (N, 14)."""
    import keras

    keras.utils.set_random_seed(seed)
    model = network(pixels.shape[1])
    steps = epochs * (len(pixels) // 32 + 1)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    model.fit(pixels, truth, batch_size=32, epochs=epochs, verbose=0)
    return model.predict(test, batch_size=64, verbose=0)


def auroc(truth: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """Returns the AUROC and the one-sided p-value against one half."""
    found, absent = scores[truth == 1], scores[truth == 0]
    if not len(found) or not len(absent):
        return float("nan"), float("nan")
    test = mannwhitneyu(found, absent, alternative="greater")
    return float(test.statistic) / (len(found) * len(absent)), float(test.pvalue)


def main() -> None:
    """Parses and runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=4000)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shares", type=float, nargs="+", default=(0.25, 0.5, 1.0))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--sample", type=Path, help="where to keep the sample (default: nowhere)")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = write_sample(
            chosen.sample or Path(folder) / "sample", chosen.images, chosen.size, chosen.seed
        )
        pixels, truth, split = read(place, chosen.size)
    train, test = np.flatnonzero(split == "train"), np.flatnonzero(split == "test")
    rows, start = [], time.perf_counter()
    for share in chosen.shares:
        used = train[: int(share * len(train))]
        # Fewer images get more epochs, so that every point of the curve has about as many steps.
        epochs = round(chosen.epochs * min(2.0, 1 / share))
        scores = learn(pixels[used], truth[used], pixels[test], epochs, chosen.seed)
        for index, finding in enumerate(CHEXPERT):
            value, p_value = auroc(truth[test, index], scores[:, index])
            positives = int(truth[test, index].sum())
            rows.append([len(used), finding, positives, value, p_value])
    table = pd.DataFrame(rows, columns=["images", "finding", "positives", "auroc", "p_value"])
    print(table.pivot_table(index="finding", columns="images", values="auroc", sort=False).round(3))
    print(table[table["images"] == table["images"].max()].round(5).to_string(index=False))
    print(f"training: {time.perf_counter() - start:.0f} s")
    if chosen.out:
        chosen.out.write_text(json.dumps(table.to_dict("records"), indent=1) + "\n")
    if chosen.figure:
        draw(table, chosen.figure)


def draw(table: pd.DataFrame, figure: Path) -> None:
    """Draws the learning curve of each finding."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    canvas, axes = plt.subplots(figsize=(7.5, 4), layout="constrained")
    colours = plt.get_cmap("tab20")
    for index, (finding, part) in enumerate(table.groupby("finding", sort=False)):
        axes.plot(part["images"], part["auroc"], "o-", color=colours(index), label=finding, ms=3)
    axes.axhline(0.5, color="#888888", lw=0.8)
    axes.set(xlabel="training images", ylabel="AUROC on test images")
    axes.legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1, 0.5))
    canvas.savefig(figure, dpi=110)


if __name__ == "__main__":
    main()
