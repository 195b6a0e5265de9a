"""Shows that every finding of the sample can be learnt: a small network from scratch, on truth.

    python benchmarks/sample_learnability.py --figure docs/sample-learning.png

For a quarter, a half and all of the training images: the AUROC of each finding on the test images
with its 95 % interval (bootstrap over patients) and the p-value of the Mann-Whitney test against
chance, corrected over the findings (Holm); time and hardware; the learning curve as a figure. One
process; a network sees the truth, not the labels of the imagined reports.
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

from cxrcompare import datasets, environment
from cxrcompare.evaluation.bootstrap import metric_replicates, resampling
from cxrcompare.findings import CHEXPERT
from cxrcompare.synthetic import write_sample


def read(folder: Path, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns pixels (N, size, size, 1), truth (N, 14), splits (N,) and patients (N,)."""
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
    patients = table.rows["patient_id"].to_numpy()
    return pixels, values, table.rows["split"].to_numpy(), patients


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

    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    model = network(pixels.shape[1])
    steps = epochs * (len(pixels) // 32 + 1)
    model.compile(
        optimizer=keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
    )
    model.fit(pixels, truth, batch_size=32, epochs=epochs, verbose=0)
    return model.predict(test, batch_size=64, verbose=0)


def scored(truth: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> pd.DataFrame:
    """Returns a row per finding: positives, AUROC, its interval, the p-value against one half."""
    resamples = resampling.draw(patients, 2000, np.random.default_rng(0))
    drawn = metric_replicates.score_metrics(truth, scores[None], resamples, ["auroc"])["auroc"][
        :, 0
    ]
    rows = []
    for index, finding in enumerate(CHEXPERT):
        found = scores[truth[:, index] == 1, index], scores[truth[:, index] == 0, index]
        count = len(found[0]), len(found[1])
        if not all(count):
            rows.append([finding, count[0], *[float("nan")] * 4])
            continue
        test = mannwhitneyu(*found, alternative="greater")
        value = float(test.statistic) / (count[0] * count[1])
        low, high = np.nanquantile(drawn[:, index], (0.025, 0.975))
        rows.append([finding, count[0], value, float(low), float(high), float(test.pvalue)])
    table = pd.DataFrame(rows, columns=["finding", "positives", "auroc", "low", "high", "p_value"])
    order = table["p_value"].rank(method="first")
    steps = (table["p_value"] * (table["p_value"].notna().sum() + 1 - order)).clip(upper=1.0)
    table["p_adjusted"] = steps.iloc[np.argsort(order)].cummax().reindex(table.index)
    return table


def main() -> None:
    """Parses and runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=8000)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--shares", type=float, nargs="+", default=(0.25, 0.5, 1.0))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--sample", type=Path, help="where to keep the sample (default: nowhere)")
    chosen = parser.parse_args()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        place = chosen.sample or Path(folder) / "sample"
        write_sample(place, chosen.images, chosen.size, chosen.seed, workers=1)
        pixels, truth, split, patients = read(place, chosen.size)
    train, test = np.flatnonzero(split == "train"), np.flatnonzero(split == "test")
    drawing, tables, start = time.perf_counter() - begun, [], time.perf_counter()
    for share in chosen.shares:
        used = train[: int(share * len(train))]
        # Fewer images get more epochs, so that every point of the curve has about as many steps.
        epochs = round(chosen.epochs * min(2.0, 1 / share))
        scores = learn(pixels[used], truth[used], pixels[test], epochs, chosen.seed)
        tables.append(scored(truth[test], scores, patients[test]))
        tables[-1].insert(0, "images", len(used))
        print(f"{len(used)} images: {time.perf_counter() - start:.0f} s so far", flush=True)
    table, training = pd.concat(tables, ignore_index=True), time.perf_counter() - start
    print(table.pivot_table(index="finding", columns="images", values="auroc", sort=False).round(3))
    print(tables[-1].round(4).to_string(index=False))
    about = {
        "settings": {
            key: str(value)
            for key, value in vars(chosen).items()
            if key not in ("out", "figure", "sample")
        },
        "test_images": len(test),
        "drawing_seconds": round(drawing, 1),
        "training_seconds": round(training, 1),
        "hardware": environment.hardware(),
        "versions": environment.versions(),
        "above_chance": int((tables[-1]["low"] > 0.5).sum()),
    }
    print(json.dumps(about, indent=1))
    if chosen.out:
        chosen.out.write_text(
            json.dumps({**about, "rows": table.to_dict("records")}, indent=1) + "\n"
        )
    if chosen.figure:
        draw(table, chosen.figure)


def draw(table: pd.DataFrame, figure: Path) -> None:
    """Draws the learning curve of each finding."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    canvas, axes = plt.subplots(2, 7, figsize=(12, 4), sharex=True, sharey=True)
    for panel, (finding, part) in zip(
        axes.ravel(), table.groupby("finding", sort=False), strict=True
    ):
        panel.axhline(0.5, color="#888888", lw=0.8)
        panel.fill_between(part["images"], part["low"], part["high"], color="#c2410c", alpha=0.2)
        panel.plot(part["images"], part["auroc"], "o-", color="#c2410c", ms=3)
        panel.set_title(finding, fontsize=8)
        panel.tick_params(labelsize=7)
    canvas.supxlabel("training images", fontsize=9)
    canvas.supylabel("AUROC on test images, 95 % interval", fontsize=9)
    canvas.tight_layout()
    canvas.savefig(figure, dpi=110)


if __name__ == "__main__":
    main()
