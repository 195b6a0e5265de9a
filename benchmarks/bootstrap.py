"""Times the bootstrap beside what a user would otherwise pick, its growth, and its limit.

One run, one CSV (hardware and versions in every row):

- peers: models x findings x replicates on one set of studies; per replicate of one model and
  finding, beside a loop over scikit-learn (the same metrics) and the bootstraps of
  `confidenceinterval` and `MLstatkit` (AUROC);
- growth: seconds over replicates, models and images, with the exponent of the growth;
- limit: 12 models x 14 findings x 25,596 images x 2,000 replicates of AUROC, with peak memory; on
  real predictions where `--predictions` names a folder of `.npz` files (`test_logits`,
  `test_labels`, `test_patient`), else on drawn ones of that size.

    python benchmarks/bootstrap.py --out bootstrap.csv
    python benchmarks/bootstrap.py --small --out bootstrap.csv   # a smoke run
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import resource
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare import environment
from cxrcompare.evaluation.bootstrap import metric_replicates, resampling
from cxrcompare.evaluation.metrics import SCORE_METRICS

PREVALENCES = np.array([0.31, 0.30, 0.06, 0.16, 0.21])  # of the five on CheXpert's test studies
PEERS = ("scikit-learn", "confidenceinterval", "MLstatkit")


def main() -> None:
    """Runs the three parts and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--predictions", type=Path, help="folder of .npz files for the limit")
    parser.add_argument("--small", action="store_true", help="everything at a tenth of its size")
    options = parser.parse_args()
    shrink = 10 if options.small else 1
    rows = [*peers(shrink), *growth(shrink), limit(shrink, options.predictions)]
    write(options.out, rows)


def draw(models: int, findings: int, units: int, patients: int, seed: int = 0) -> tuple:
    """Returns labels (N, F), probabilities (M, N, F) and patients (N,)."""
    rng = np.random.default_rng(seed)
    prevalence = np.resize(PREVALENCES, findings)
    labels = (rng.random((units, findings)) < prevalence).astype(np.float64)
    logits = 1.8 * labels - 1.5 + rng.normal(size=(models, units, findings))
    patient = np.arange(units) if patients == units else rng.integers(0, patients, units)
    return labels, 1 / (1 + np.exp(-logits)), patient


def timed(work: Callable[[], Any], times: int = 3) -> float:
    """Returns the least wall time of some runs, seconds."""
    seconds = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def row(case: str, tool: str, sizes: tuple, metrics: tuple, seconds: float, **more: Any) -> dict:
    """Returns one line of the table; sizes are models, findings, units, patients, replicates."""
    names = ("models", "findings", "units", "patients", "replicates")
    line = {"case": case, "tool": tool, **dict(zip(names, sizes, strict=True))}
    line |= {"metrics": " ".join(metrics), "seconds": round(seconds, 4)}
    line["seconds_per_replicate"] = seconds / (sizes[0] * sizes[1] * sizes[4])
    line |= more
    print(
        {key: line[key] for key in ("case", "tool", *names, "metrics", "seconds")}, more, flush=True
    )
    return line


def peers(shrink: int) -> Iterator[dict]:
    """Yields ours and the peers', each with how many times slower it is per replicate."""
    models, findings, units, replicates = 10, 5, 500, 10_000 // shrink
    labels, scores, patient = draw(models, findings, units, units)
    start = time.perf_counter()
    run(labels, scores, patient, 200, SCORE_METRICS)  # compiles, or loads what was compiled
    yield row(
        "first call",
        "cxrcompare",
        (models, findings, units, units, 200),
        SCORE_METRICS,
        time.perf_counter() - start,
    )
    sizes = (models, findings, units, units, replicates)
    ours = {}
    for metrics in (SCORE_METRICS, ("auroc",), ("auroc", "auprc", "brier", "log_loss")):
        seconds = timed(lambda metrics=metrics: run(labels, scores, patient, replicates, metrics))
        ours[metrics] = seconds / (models * findings * replicates)
        yield row("peers", "cxrcompare", sizes, metrics, seconds, ratio=1.0)
    for tool in PEERS:
        few = 100 // (1 if tool == "scikit-learn" and shrink == 1 else shrink)
        metrics = ("auroc", "auprc", "brier", "log_loss") if tool == "scikit-learn" else ("auroc",)
        work = PEER_WORK[tool](labels[:, 0], scores[0, :, 0], few)
        work()
        seconds = timed(work)
        yield row(
            "peers",
            tool,
            (1, 1, units, units, few),
            metrics,
            seconds,
            ratio=round(seconds / few / ours[metrics], 1),
        )


def run(
    labels: np.ndarray, scores: np.ndarray, patient: np.ndarray, replicates: int, metrics: tuple
) -> None:
    """Draws the resamples and scores them, as `compare` does."""
    resamples = resampling.draw(patient, replicates, np.random.default_rng(0))
    metric_replicates.score_metrics(labels, scores, resamples, metrics)


def scikit_learn(labels: np.ndarray, scores: np.ndarray, replicates: int) -> Callable[[], Any]:
    """Returns the loop that a user would write: draw rows, call the four functions."""
    from sklearn import metrics

    functions = (
        metrics.roc_auc_score,
        metrics.average_precision_score,
        metrics.brier_score_loss,
        metrics.log_loss,
    )

    def work() -> list:
        rng = np.random.default_rng(0)
        values = []
        for _ in range(replicates):
            rows = rng.integers(0, len(labels), len(labels))
            values.append([function(labels[rows], scores[rows]) for function in functions])
        return values

    return work


def confidence_interval(
    labels: np.ndarray, scores: np.ndarray, replicates: int
) -> Callable[[], Any]:
    """Returns the percentile bootstrap of `confidenceinterval` with scikit-learn's AUROC."""
    from confidenceinterval.bootstrap import bootstrap_ci
    from sklearn.metrics import roc_auc_score

    return lambda: bootstrap_ci(
        labels, scores, roc_auc_score, n_resamples=replicates, method="bootstrap_percentile"
    )


def mlstatkit(labels: np.ndarray, scores: np.ndarray, replicates: int) -> Callable[[], Any]:
    """Returns the bootstrap of `MLstatkit`."""
    import MLstatkit

    return lambda: MLstatkit.Bootstrapping(
        labels.astype(int), scores, metric_str="roc_auc", n_bootstraps=replicates
    )


PEER_WORK = dict(zip(PEERS, (scikit_learn, confidence_interval, mlstatkit), strict=True))


def growth(shrink: int) -> Iterator[dict]:
    """Yields seconds over replicates, models and images; the exponent in the last row of each."""
    middle = {"models": 8, "units": 4000 // shrink, "replicates": 4000 // shrink}
    ladders = {
        "replicates": [1000, 2000, 4000, 8000, 16_000],
        "models": [2, 4, 8, 16, 32],
        "units": [1000, 4000, 16_000, 64_000],
    }
    for name, ladder in ladders.items():
        sizes, seconds = [], []
        for size in ladder:
            at = middle | {name: size if name == "models" else size // shrink}
            labels, scores, patient = draw(at["models"], 2, at["units"], at["units"])
            work = (labels, scores, patient, at["replicates"], SCORE_METRICS)
            seconds.append(timed(lambda work=work: run(*work), 2))
            sizes.append(at[name])
            exponent = np.polyfit(np.log(sizes), np.log(seconds), 1)[0] if len(sizes) > 2 else None
            yield row(
                f"growth of {name}",
                "cxrcompare",
                (at["models"], 2, at["units"], at["units"], at["replicates"]),
                SCORE_METRICS,
                seconds[-1],
                exponent=None if exponent is None else round(float(exponent), 2),
            )


def limit(shrink: int, folder: Path | None) -> dict:
    """Returns the row of the large case, run in a process of its own to read its peak memory."""
    replicates = 2000 // shrink
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        sizes, seconds, peak = pool.apply(large, (folder, replicates, shrink))
    return row("limit", "cxrcompare", sizes, ("auroc",), seconds, peak_memory_mb=peak)


def large(folder: Path | None, replicates: int, shrink: int) -> tuple[tuple, float, float]:
    """Returns sizes, seconds and the peak memory of this process, MiB."""
    labels, scores, patient = (
        read(folder) if folder else draw(12, 14, 25_596 // shrink, 2797 // shrink)
    )
    start = time.perf_counter()
    run(labels, scores, patient, replicates, ("auroc",))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    models, units, findings = scores.shape
    sizes = (models, findings, units, len(np.unique(patient)), replicates)
    return sizes, seconds, round(peak, 1)


def read(folder: Path) -> tuple:
    """Returns labels, logits and patients of the `.npz` files of a folder."""
    files = [np.load(path) for path in sorted(folder.glob("*.npz"))]
    scores = np.stack([file["test_logits"] for file in files]).astype(np.float64)
    return files[0]["test_labels"].astype(np.float64), scores, files[0]["test_patient"]


def write(path: Path, rows: list[dict]) -> None:
    """Writes the table; hardware and versions in every row."""
    packages = ("numba", "confidenceinterval", "mlstatkit")
    versions = environment.versions() | {name: metadata.version(name) for name in packages}
    where = {
        "hardware": json.dumps(environment.hardware()),
        "versions": json.dumps(versions),
        "commit": environment.commit(Path(__file__).parent) or "",
    }
    columns = list(dict.fromkeys(key for line in rows for key in line)) + list(where)
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows([line | where for line in rows])


if __name__ == "__main__":
    main()
