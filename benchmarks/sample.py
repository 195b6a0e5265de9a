"""Times the drawing of the sample, and sets its numbers beside those of real radiographs.

    python benchmarks/sample.py time --images 2000 --size 160
    python benchmarks/sample.py sheet --figure docs/sample-findings.png
    python benchmarks/sample.py compare --real NIH_FOLDER --figure docs/sample-numbers.png
    python benchmarks/sample.py labels --real CHEXPERT_TRAIN_CSV --images 40000
    python benchmarks/sample.py digest

`compare` writes numbers and curves only; no image of others leaves its folder.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from cxrcompare import environment
from cxrcompare.findings import CHEXPERT
from cxrcompare.synthetic import write_sample
from cxrcompare.synthetic.chest.body import draw_body
from cxrcompare.synthetic.population import draw_population
from cxrcompare.synthetic.study import Study, expose

SIZE = 160
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def drawn(count: int, seed: int = 0) -> list[np.ndarray]:
    """Returns frontal images of the sample."""
    images = [image for visit in draw_population(3 * count, seed) for image in visit.images]
    frontal = [image for image in images if image.view != "lateral"][:count]
    return [
        expose(image.study, image.view, SIZE, np.random.default_rng(image.seed)).pixels
        for image in frontal
    ]


def real(folder: Path, count: int) -> list[np.ndarray]:
    """Returns real frontal images, reduced to the same size."""
    paths = sorted((folder / "images").glob("*.png"))
    chosen = paths[:: max(1, len(paths) // count)][:count]
    read = (cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in chosen)
    return [cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for image in read]


def spectrum(image: np.ndarray) -> np.ndarray:
    """Returns the mean power at each radial frequency, cycles an image, of the middle square."""
    side = min(image.shape) // 16 * 16 - 16
    top, left = ((length - side) // 2 for length in image.shape)
    part = image[top : top + side, left : left + side] / 255.0
    window = np.hanning(side)[:, None] * np.hanning(side)[None, :]
    power = np.abs(np.fft.fft2((part - part.mean()) * window)) ** 2 / (window**2).sum()
    cycles = np.fft.fftfreq(side) * side
    radius = np.hypot(cycles[:, None], cycles[None, :]).round().astype(int).ravel()
    sums = np.bincount(radius, power.ravel()) / np.bincount(radius)
    frequency = np.arange(len(sums)) / side
    return np.interp(np.linspace(0.02, 0.45, 40), frequency, sums)


def contrast(image: np.ndarray) -> float:
    """Returns the mediastinum's grey less the lungs', where they mostly lie, in grey levels."""
    height, width = image.shape
    band = image[int(0.30 * height) : int(0.55 * height)].astype(float)
    lungs = [band[:, int(a * width) : int(b * width)] for a, b in ((0.22, 0.38), (0.62, 0.78))]
    return float(band[:, int(0.46 * width) : int(0.54 * width)].mean() - np.mean(lungs))


def numbers(images: list[np.ndarray]) -> dict[str, np.ndarray]:
    """Returns histogram, quantiles, spectrum and contrast of each image."""
    return {
        "histogram": np.mean(
            [np.histogram(i, 32, (0, 256), density=True)[0] for i in images], axis=0
        ),
        "quantiles": np.array([np.quantile(i, QUANTILES) for i in images]),
        "spectrum": np.exp(np.mean([np.log(spectrum(i)) for i in images], axis=0)),
        "contrast": np.array([contrast(i) for i in images]),
    }


def compare(folder: Path, count: int, figure: Path | None) -> None:
    """Prints and draws the sample's numbers beside the real ones."""
    groups = {"real": numbers(real(folder, count)), "sample": numbers(drawn(count))}
    frequency = np.linspace(0.02, 0.45, 40)
    print("group  grey at 5/25/50/75/95 %      lung-mediastinum contrast (sd)  spectrum's slope")
    for name, found in groups.items():
        middle = (frequency > 0.04) & (frequency < 0.3)
        slope = np.polyfit(np.log(frequency[middle]), np.log(found["spectrum"][middle]), 1)[0]
        greys = " ".join(f"{value:5.0f}" for value in found["quantiles"].mean(axis=0))
        spread = found["contrast"]
        print(f"{name:6} {greys}   {spread.mean():6.1f} ({spread.std():.1f})   {slope:6.2f}")
    if figure is not None:
        draw(groups, frequency, figure)


def draw(groups: dict[str, dict[str, np.ndarray]], frequency: np.ndarray, figure: Path) -> None:
    """Draws histograms, spectra and contrasts."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot as plt

    canvas, axes = plt.subplots(1, 3, figsize=(11, 3.2), layout="constrained")
    for (name, found), colour in zip(groups.items(), ("#444444", "#c2410c"), strict=True):
        label = {"real": "real (NIH)", "sample": "synthetic"}[name]
        axes[0].stairs(found["histogram"], np.linspace(0, 256, 33), color=colour, label=label)
        axes[1].loglog(frequency, found["spectrum"], color=colour, label=label)
        axes[2].hist(
            found["contrast"],
            20,
            range=(-40, 200),
            histtype="step",
            color=colour,
            label=label,
            density=True,
        )
    axes[0].set(xlabel="grey level", ylabel="share per level")
    axes[1].set(xlabel="cycles per pixel", ylabel="power")
    axes[1].set_xticks([0.02, 0.05, 0.1, 0.2, 0.4], ["0.02", "0.05", "0.1", "0.2", "0.4"])
    axes[1].minorticks_off()
    axes[2].set(xlabel="mediastinum less lung, grey levels", ylabel="share per level")
    axes[0].legend(frameon=False)
    canvas.savefig(figure, dpi=110)


def sheet(figure: Path, side: int = 176) -> None:
    """Draws every finding, slight and severe, beside the same patient without it."""
    rows = []
    for place, finding in enumerate(CHEXPERT[1:]):
        body = draw_body(60, place % 3 == 1, np.random.default_rng(place + 30))
        tiles = []
        for severities in ({}, {finding: 0.35}, {finding: 0.85}):
            study = Study(body, severities, (place + 3, 1), True)
            for view in ("PA",) if severities.get(finding) != 0.85 else ("PA", "lateral"):
                tiles.append(_tile(study, view, side))
        title = np.zeros((22, side * len(tiles)), np.uint8)
        cv2.putText(title, finding, (6, 16), 0, 0.5, 255, 1, cv2.LINE_AA)
        rows.append(np.vstack([title, np.hstack(tiles)]))
    rows.append(np.zeros_like(rows[0]))
    half = len(rows) // 2
    cv2.putText(rows[-1], "normal | slight | severe | severe, lateral", (8, 40), 0, 0.6, 255, 1, 16)
    cv2.putText(rows[-1], "all images synthetic: drawn by cxrcompare", (8, 70), 0, 0.6, 255, 1, 16)
    picture = np.hstack([np.vstack(rows[:half]), np.vstack(rows[half:])])
    cv2.imwrite(str(figure), picture)


def _tile(study: Study, view: str, side: int) -> np.ndarray:
    pixels = expose(study, view, side, np.random.default_rng(1)).pixels
    tile = np.zeros((side, side), np.uint8)
    height, width = pixels.shape
    tile[:height, (side - width) // 2 : (side - width) // 2 + width] = pixels
    return tile


def labels(path: Path, images: int) -> None:
    """Prints how findings go together: phi coefficients, CheXpert's labels beside the sample's."""
    there = (pd.read_csv(path)[list(CHEXPERT)] == 1).to_numpy(float)
    visits = [visit for visit in draw_population(images, 0) if visit.split == "train"]
    found = {
        "truth": np.array([visit.truth for visit in visits]),
        "labels": np.array([visit.labels == 1 for visit in visits], dtype=float),
    }
    pairs = np.triu_indices(len(CHEXPERT), 1)
    real = np.corrcoef(there.T)[pairs]
    phi = {name: np.corrcoef(values.T)[pairs] for name, values in found.items()}
    for name, values in phi.items():
        print(
            f"{name}: correlation with CheXpert's over {len(real)} pairs: "
            f"{np.corrcoef(values, real)[0, 1]:.2f}"
        )
    for place in np.argsort(-np.abs(real)):
        first, second = (CHEXPERT[side[place]] for side in pairs)
        print(
            f"{first:27}{second:27} {real[place]:6.3f} {phi['labels'][place]:6.3f} "
            f"{phi['truth'][place]:6.3f}"
        )


def digest() -> None:
    """Prints checksums of what is drawn, stage by stage: equal where it is the same to the bit."""
    images = [image for visit in draw_population(60, 0) for image in visit.images][:40]
    stages: dict[str, list[bytes]] = {"attenuation": [], "pixels": [], "JPEG files": []}
    level = 0
    for image in images:
        shot = expose(image.study, image.view, SIZE, np.random.default_rng(image.seed))
        stages["attenuation"].append(shot.projection.attenuation.tobytes())
        stages["pixels"].append(shot.pixels.tobytes())
        stages["JPEG files"].append(
            cv2.imencode(".jpg", shot.pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()
        )
        level += int(shot.pixels.sum())
    for name, parts in stages.items():
        print(f"{name:12} {hashlib.sha256(b''.join(parts)).hexdigest()[:16]}")
    print(f"sum of all grey levels {level}")


def measure(images: int, size: int) -> None:
    """Prints how long a sample takes on all cores, and how much processor time an image."""
    before = os.times()
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        write_sample(Path(folder) / "sample", images, size, 0)
        seconds = time.perf_counter() - start
    after = os.times()
    spent = sum(
        getattr(after, name) - getattr(before, name)
        for name in ("user", "system", "children_user", "children_system")
    )
    print(
        f"{images} images of {size} px: {seconds:.1f} s, {images / seconds:.0f} images/s, "
        f"{1000 * spent / images:.1f} ms of processor time an image"
    )
    print(environment.hardware())


def main() -> None:
    """Parses and runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("time", "compare", "sheet", "labels", "digest"))
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--size", type=int, default=SIZE)
    parser.add_argument("--real", type=Path)
    parser.add_argument("--figure", type=Path)
    chosen = parser.parse_args()
    if chosen.what == "time":
        measure(chosen.images, chosen.size)
    elif chosen.what == "sheet":
        sheet(chosen.figure)
    elif chosen.what == "labels":
        labels(chosen.real, chosen.images)
    elif chosen.what == "digest":
        digest()
    else:
        compare(chosen.real, chosen.images, chosen.figure)


if __name__ == "__main__":
    main()
