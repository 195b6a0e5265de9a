"""Size and speed of the report of many models: comparison.json, page, and first paint in Chromium.

Scores of synthetic models share most of their errors, so that AUROCs are close, like networks
that were trained on the same images. The size of files hardly depends on the number of studies.

    python benchmarks/page.py --models 60 --studies 2000 --out build/page-60
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result import saving
from cxrcompare.findings import NIH
from cxrcompare.reporting import write_report

_PAINTS = 5

Part = tuple[dict[str, pd.DataFrame], pd.DataFrame]
"""Predictions of each model, and reference labels."""


def synthetic(
    models: int, studies: int, findings: tuple[str, ...] = NIH, seed: int = 0
) -> tuple[dict[str, pd.DataFrame], pd.DataFrame]:
    """Returns predictions of models with correlated errors, and the reference labels.

    Args:
        models: The number of models; the last has the lowest expected AUROC.
        studies: The number of studies, about two per patient.
        findings: The findings; prevalences run from 2 % to 20 %.
        seed: The seed of the random numbers.
    """
    rng = np.random.default_rng(seed)
    patients = np.sort(rng.integers(0, max(1, studies // 2), studies))
    ids = {
        "study_id": [f"study{n:06d}" for n in range(studies)],
        "patient_id": [f"patient{n:06d}" for n in patients],
    }
    prevalence = np.linspace(0.02, 0.2, len(findings))
    labels = (rng.random((studies, len(findings))) < prevalence).astype(np.int64)
    labels[0] = 1
    shared = rng.normal(size=labels.shape)
    predictions = {}
    for number in range(models):
        separation = 2.0 - 0.4 * number / max(1, models - 1)
        noise = 0.9 * shared + 0.44 * rng.normal(size=labels.shape)
        logits = separation * labels + noise + np.log(prevalence / (1 - prevalence)) - 0.8
        scores = dict(zip(findings, (1 / (1 + np.exp(-logits))).T, strict=True))
        predictions[f"model{number + 1:02d}"] = pd.DataFrame(ids | scores)
    return predictions, pd.DataFrame(ids | dict(zip(findings, labels.T, strict=True)))


def split(predictions: dict[str, pd.DataFrame], reference: pd.DataFrame) -> list[Part]:
    """Returns predictions and labels of the test set and of validation, halves of the patients."""
    patients = reference["patient_id"]
    tested = patients >= patients.iloc[len(patients) // 2]
    return [
        ({name: frame[rows] for name, frame in predictions.items()}, reference[rows])
        for rows in (tested, ~tested)
    ]


def paint(page: Path, size: tuple[int, int]) -> list[float]:
    """Returns the milliseconds to the first contentful paint of a page in Chromium, several times.

    Args:
        page: The page.
        size: The width and height of the window.
    """
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    found = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=chromium, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        for _ in range(_PAINTS):
            context = browser.new_context(viewport={"width": size[0], "height": size[1]})
            tab = context.new_page()
            tab.goto(page.resolve().as_uri())
            found.append(
                tab.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
            )
            context.close()
        browser.close()
    return found


def main() -> None:
    """Compares synthetic models, writes the report, and prints sizes and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=60)
    parser.add_argument("--studies", type=int, default=2000)
    parser.add_argument("--replicates", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("build/page-60"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    (test, reference), (valid, known) = split(*synthetic(chosen.models, 2 * chosen.studies))
    begin = time.perf_counter()
    comparison = compare(
        test,
        reference,
        validation=valid,
        validation_reference=known,
        options=Options(replicates=chosen.replicates),
    )
    print(f"compare: {time.perf_counter() - begin:.1f} s")
    begin = time.perf_counter()
    saving.write(comparison, chosen.out)
    print(f"saving: {time.perf_counter() - begin:.1f} s")
    begin = time.perf_counter()
    write_report(comparison, chosen.out / "report")
    print(f"report: {time.perf_counter() - begin:.1f} s")
    page = chosen.out / "report" / "report.html"
    for path in (chosen.out / saving.FILE, page):
        print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")
    for name, size in (("desktop", (1440, 900)), ("phone", (390, 844))):
        times = paint(page, size)
        print(f"first paint, {name}: median {statistics.median(times):.0f} ms, {_listed(times)}")


def _listed(times: list[float]) -> str:
    return ", ".join(f"{value:.0f}" for value in times)


if __name__ == "__main__":
    main()
