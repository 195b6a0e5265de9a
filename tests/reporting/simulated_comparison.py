"""A maker of realistic comparisons: simulated scores, true counts and curves, normal intervals."""

from __future__ import annotations

import itertools
from statistics import NormalDist
from typing import Any

import numpy as np

from cxrcompare import findings as vocabulary
from cxrcompare.comparison.result.comparison import Comparison, table

from .simulated_scores import Z, auroc, auroc_sd, curves, rates

NETWORKS = ("densenet121", "resnet50", "resnet34", "resnet101", "mobilenet")
_RATES = ("accuracy", "sensitivity", "specificity", "precision", "npv", "f1")
_LOSSES = ("hamming_loss", "subset_accuracy", "brier", "log_loss", "ece")
_METRICS = ("auroc", "auprc", *_RATES, *_LOSSES)


def make(
    networks: tuple[str, ...] = NETWORKS,
    findings: tuple[str, ...] = vocabulary.CHEXPERT,
    seeds: int = 1,
    units: int = 668,
    readers: int = 0,
    undefined: tuple[str, ...] = (),
    gap: float = 0.12,
    subgroups: bool = False,
    **protocol: Any,
) -> Comparison:
    """Simulates a comparison: `gap` is the step in separation from one network to the next."""
    rng = np.random.default_rng(7)
    prevalence = np.linspace(0.05, 0.45, len(findings))
    labels = (rng.random((units, len(findings))) < prevalence).astype(int)
    for name in undefined:
        labels[:, findings.index(name)] = 0
    shared = rng.normal(size=labels.shape)
    rows: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in (
            "metrics",
            "differences",
            "ranks",
            "readers",
            "agreement",
            "counts",
            "resolution",
            "thresholds",
            "confusion",
            "warnings",
        )
    }
    drawn: dict[str, dict[str, Any]] = {}
    values: dict[tuple[str, str], float] = {}
    deviations: dict[tuple[str, str], float] = {}

    def metric(
        model: str,
        seed: Any,
        finding: str,
        name: str,
        value: float,
        sd: float,
        n: int,
        subgroup: str = "",
        defined: int = 1,
    ) -> None:
        rows["metrics"].append(
            {
                "model": model,
                "seed": seed,
                "finding": finding,
                "metric": name,
                "value": value,
                "low": value - Z * sd,
                "high": value + Z * sd,
                "positives": n,
                "negatives": max(units - n, 0),
                "subgroup": subgroup,
                "defined": defined,
                "method": "percentile",
                "patient_sd": sd * 0.9,
                "seed_sd": sd * 0.4,
            }
        )

    scores: dict[str, np.ndarray] = {}
    for index, model in enumerate(networks):
        strength = 1.6 - gap * index
        noise = 0.7 * shared + 0.7 * rng.normal(size=labels.shape)
        logits = strength * labels + noise - 1.2
        scores[model] = 1 / (1 + np.exp(-1.5 * logits))
    for column, finding in enumerate(findings):
        truth = labels[:, column]
        n = int(truth.sum())
        drawn[finding] = {}
        rows["counts"].append(
            {"finding": finding, "positives": n, "negatives": max(units - n, 0), "unknown": 0}
        )
        for model in networks:
            score = scores[model][:, column]
            area = auroc(truth, score)
            sd = auroc_sd(area, n, units - n)
            values[model, finding], deviations[model, finding] = area, sd
            for seed in ("all", *range(seeds)):
                shift = 0.0 if seed == "all" else 0.004 * (int(seed) - 1)
                metric(model, seed, finding, "auroc", area + shift, sd, n)
            decided = score >= 0.5
            tp, fp = int((decided & (truth == 1)).sum()), int((decided & (truth == 0)).sum())
            cells = (tp, fp, n - tp, units - n - fp)
            for seed in ("all", *range(seeds)) if seeds > 1 else (0,):
                rows["confusion"].append(
                    dict(
                        zip(
                            ("model", "seed", "finding", "threshold", "tp", "fp", "fn", "tn"),
                            (model, seed, finding, 0.5, *cells),
                            strict=True,
                        )
                    )
                )
            for seed in range(seeds):
                rows["thresholds"].append(
                    {
                        "model": model,
                        "seed": seed,
                        "finding": finding,
                        "threshold": 0.5,
                        "rule": "youden",
                        "source": "validation",
                    }
                )
            decided_rates = rates(*cells) | {
                "auprc": min(1.0, n / units + (area - 0.5)) if area == area else area,
                "hamming_loss": 1 - (tp + cells[3]) / units,
                "subset_accuracy": float("nan"),
                "brier": float(((score - truth) ** 2).mean()),
                "log_loss": float(-np.log(np.where(truth == 1, score, 1 - score)).mean()),
                "ece": abs(float(score.mean() - truth.mean())),
            }
            for name, value in decided_rates.items():
                metric(model, "all", finding, name, value, 0.02, n)
            drawn[finding][model] = curves(truth, score)
        for model, value in (("nothing positive", 0.0), ("training prevalence", n / units)):
            metric(model, "all", finding, "auroc", 0.5 if n else float("nan"), 0.0, n)
            metric(model, "all", finding, "accuracy", 1 - n / units, 0.01, n)
            metric(model, "all", finding, "brier", value * (1 - value), 0.01, n)
    models = [*networks, "nothing positive", "training prevalence"]
    existing = [name for name in findings if name not in undefined]
    for model in models:
        for name in _METRICS:
            found = [
                row["value"]
                for row in rows["metrics"]
                if row["model"] == model
                and row["metric"] == name
                and row["seed"] == "all"
                and row["finding"] in existing
            ]
            if not found:
                continue
            mean = float(np.mean(found))
            sd = 0.012 if model in networks else 0.0
            if name == "subset_accuracy":
                mean = 0.2
            metric(model, "all", "mean", name, mean, sd, int(labels.sum()), defined=len(found))
            metric(model, "all", "micro", name, mean, sd, int(labels.sum()), defined=len(found))
            if name == "auroc":
                values[model, "mean"], deviations[model, "mean"] = mean, sd
                for seed in range(seeds if model in networks else 0):
                    metric(model, seed, "mean", name, mean + 0.004 * (seed - 1), sd, 0)
        if not existing:
            values[model, "mean"], deviations[model, "mean"] = float("nan"), float("nan")
    _differences(rows["differences"], networks, findings, values, deviations)
    order = sorted(networks, key=lambda name: -np.nan_to_num(values[name, "mean"]))
    for place, model in enumerate(order):
        rows["ranks"].append(
            {
                "model": model,
                "metric": "auroc",
                "rank": place + 1,
                "low": max(1, place),
                "high": min(len(order), place + 2),
                "probability_best": 0.6 / (1 + 2 * place),
                "tie_group": "ab"[min(place // 2, 1)],
            }
        )
    for finding in ("mean", *findings):
        rows["resolution"].append(
            {
                "finding": finding,
                "metric": "auroc",
                "power": 0.8,
                "level": 0.95,
                "minimum_detectable_difference": 0.02 if finding == "mean" else 0.05,
                "basis": "the paired bootstrap",
            }
        )
    for number, (finding, model) in enumerate(itertools.product(findings, networks)):
        for reader in range(readers):
            below = number % 2 == 0
            rows["readers"].append(
                {
                    "model": model,
                    "finding": finding,
                    "reader": f"reader {reader + 1}",
                    "reader_sensitivity": 0.7 + 0.05 * reader,
                    "below_curve": float(below),
                    "reader_specificity": 0.85 - 0.04 * reader,
                    "sensitivity_low": 0.6,
                    "sensitivity_high": 0.9,
                    "specificity_low": 0.7,
                    "specificity_high": 0.9,
                    "model_sensitivity_at_reader": 0.75,
                    "model_specificity_at_reader": 0.8,
                    "sensitivity_difference": 0.05 - 0.05 * reader,
                    "sensitivity_difference_low": -0.05,
                    "sensitivity_difference_high": 0.15,
                    "specificity_difference": 0.04 * reader - 0.05,
                    "specificity_difference_low": -0.15,
                    "specificity_difference_high": 0.05,
                    "p_value": 0.2,
                    "p_adjusted": 0.9,
                }
            )
    for a, b in itertools.combinations(range(readers), 2):
        for finding in findings:
            rows["agreement"].append(
                {
                    "finding": finding,
                    "reader_a": f"reader {a + 1}",
                    "reader_b": f"reader {b + 1}",
                    "kappa": 0.55,
                    "low": 0.45,
                    "high": 0.65,
                }
            )
    for row in rows["counts"]:
        if row["positives"] < 20:
            rows["warnings"].append(
                {
                    "code": "few-positives",
                    "model": "",
                    "finding": row["finding"],
                    "message": f"{row['finding']}: {row['positives']} positives, fewer than 20",
                }
            )
    if subgroups:
        for model, value in itertools.product(networks, ("Sex=F", "Sex=M")):
            mean = values[model, "mean"] + (0.01 if value.endswith("F") else -0.01)
            metric(model, "all", "mean", "auroc", mean, 0.018, 300, subgroup=value)
    stated = {
        "title": "Five networks",
        "data": "embedded sample",
        "split": "test",
        "synthetic": True,
        "unit": "study",
        "views_rule": "max",
        "reference": "reference.csv",
        "images": units + 120,
        "studies": units,
        "patients": units - 40,
        "uncertainty_policy": "u-ones",
        "blank_rule": "negative",
        "thresholds_rule": "youden",
        "thresholds_source": "validation",
        "seeds": {name: list(range(seeds)) for name in networks},
        "replicates": 10000,
        "degenerate_replicates": 0,
        "level": 0.95,
        "interval": "percentile",
        "resampled": "patients",
        "correction": "bonferroni",
        "random_seed": 0,
        "non_inferiority_margin": None,
        "ece_bins": 15,
        "scores": "probabilities",
        "versions": {"python": "3.11.7", "cxrcompare": "0.1.0", "numpy": "2.4.6"},
        "hardware": {"processor": "a processor", "cores": 2, "memory_gib": 24.0},
        "commit": "0123456789ab",
        "command": "cxrcompare run",
    } | protocol
    size = len(findings) + 1
    confusion = {
        model: {
            "rows": [*findings, "no true label"],
            "columns": [*findings, "no predicted label"],
            "counts": (rng.integers(0, 12, (size, size)) + 80 * np.eye(size, dtype=int)).tolist(),
        }
        for model in networks
    }
    return Comparison(
        protocol=stated,
        models=[_model(name, place, seeds) for place, name in enumerate(order)]
        + [
            {"name": name, "kind": "trivial", "seeds": [], "description": words, "cost": None}
            for name, words in (
                ("nothing positive", "calls nothing positive"),
                ("training prevalence", "says the training prevalence of each finding"),
            )
        ],
        findings=tuple(findings),
        curves=drawn,
        multilabel_confusion=confusion,
        training={
            model: {str(s): _history(s, 3 * i) for s in range(seeds)}
            for i, model in enumerate(networks)
        },
        subgroups={"Sex": {"F": 300, "M": units - 300}} if subgroups else {},
        **{name: table(name, content) for name, content in rows.items()},
    )


def _differences(
    rows: list[dict[str, Any]],
    networks: tuple[str, ...],
    findings: tuple[str, ...],
    values: dict[tuple[str, str], float],
    deviations: dict[tuple[str, str], float],
) -> None:
    for finding in ("mean", *findings):
        family = []
        for first, second in itertools.combinations(networks, 2):
            difference = values[first, finding] - values[second, finding]
            sd = 0.9 * deviations[first, finding]
            p = 2 * NormalDist().cdf(-abs(difference) / sd) if sd > 0 else float("nan")
            family.append(
                {
                    "model_a": first,
                    "model_b": second,
                    "finding": finding,
                    "metric": "auroc",
                    "difference": difference,
                    "low": difference - Z * sd,
                    "high": difference + Z * sd,
                    "simultaneous_low": difference - 1.5 * Z * sd,
                    "simultaneous_high": difference + 1.5 * Z * sd,
                    "p_value": max(p, 1e-4) if p == p else p,
                    "p_adjusted": p,
                    "verdict": "",
                    "method": "bootstrap",
                    "subgroup": "",
                }
            )
        running = 0.0
        for place, row in enumerate(sorted(family, key=lambda row: row["p_value"])):
            if row["p_value"] == row["p_value"]:
                running = min(1.0, max(running, row["p_value"] * (len(family) - place)))
                row["p_adjusted"] = running
        rows.extend(family)


def _model(name: str, place: int, seeds: int) -> dict[str, Any]:
    cost = {
        "parameters": int(4e6 * (1 + 1.7 * place)),
        "train_seconds": 200.0 + 150 * (place % 3),
        "images_per_second": 40.0 / (1 + place),
        "epochs": 12 - place % 3,
        "prediction_images_per_second": 120.0 / (1 + place),
        "weights": "imagenet",
        "recipe": "modern",
        "image_size": 224,
    }
    return {
        "name": name,
        "kind": "network",
        "seeds": list(range(seeds)),
        "description": "",
        "cost": cost,
    }


def _history(seed: int, shift: int) -> dict[str, list[Any]]:
    epochs = np.arange(1, 13)
    fall = np.exp(-(epochs + shift / 3) / 5)
    wiggle = 0.01 * np.sin(epochs * (seed + 2))
    return {
        "epoch": epochs.tolist(),
        "phase": ["head"] * 3 + ["all"] * 9,
        "loss": (0.3 + 0.4 * fall).tolist(),
        "valid_loss": (0.35 + 0.35 * fall + wiggle).tolist(),
        "valid_auroc": (0.85 - 0.3 * fall - wiggle).tolist(),
        "learning_rate": [1e-3] * 12,
        "seconds": [20.0] * 12,
        "images_per_second": [35.0] * 12,
    }
