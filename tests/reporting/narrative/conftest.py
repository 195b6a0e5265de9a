"""Comparisons of chosen estimates and adjusted p-values."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping

import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.reporting.results.lookup import Results


@pytest.fixture
def results_of(make_comparison: Callable[..., Comparison]) -> Callable[..., Results]:
    """Makes a comparison of one finding from AUROCs and the adjusted p-values of pairs."""

    def make(
        values: Mapping[str, float],
        p_values: Mapping[tuple[str, str], float],
        half: float = 0.02,
        **protocol: object,
    ) -> Results:
        plain = make_comparison(networks=tuple(values), findings=("Edema",), **protocol)
        metrics = [
            {
                "model": name,
                "seed": "all",
                "finding": finding,
                "metric": "auroc",
                "value": value,
                "low": value - half,
                "high": value + half,
                "positives": 100,
                "negatives": 568,
                "subgroup": "",
                "defined": 1,
                "method": "percentile",
                "patient_sd": half / 2,
                "seed_sd": half / 4,
            }
            for name, value in values.items()
            for finding in ("Edema", "mean")
        ]
        differences = [
            {
                "model_a": a,
                "model_b": b,
                "finding": finding,
                "metric": "auroc",
                "difference": values[a] - values[b],
                "low": values[a] - values[b] - half,
                "high": values[a] - values[b] + half,
                "p_value": p / 2,
                "p_adjusted": p,
                "method": "",
                "subgroup": "",
                "simultaneous_low": values[a] - values[b] - 1.5 * half,
                "simultaneous_high": values[a] - values[b] + 1.5 * half,
            }
            for (a, b), p in p_values.items()
            for finding in ("Edema", "mean")
        ]
        return Results(
            dataclasses.replace(
                plain,
                metrics=table("metrics", metrics),
                differences=table("differences", differences),
            )
        )

    return make


@pytest.fixture
def against(results_of: Callable[..., Results]) -> Callable[..., Results]:
    """Makes a comparison whose tests against baselines have these adjusted p-values."""

    def make(
        tests: Mapping[tuple[str, str, str], tuple[float, float]],
        baselines: Mapping[tuple[str, str], float],
        networks: tuple[str, ...] = ("a", "b"),
    ) -> Results:
        pairs = dict.fromkeys(itertools.combinations(networks, 2), 0.5)
        plain = results_of(dict.fromkeys(networks, 0.7), pairs).comparison
        sample = plain.metrics.to_dict("records")[0]
        metrics = [
            sample | {"model": name, "finding": "mean", "metric": metric, "value": value}
            for (name, metric), value in baselines.items()
        ]
        rows = [
            {
                "model_a": a,
                "model_b": b,
                "finding": "mean",
                "metric": metric,
                "difference": value,
                "low": None,
                "high": None,
                "p_value": p,
                "p_adjusted": p,
                "method": "",
                "subgroup": "",
            }
            for (a, b, metric), (value, p) in tests.items()
        ]
        names = list(dict.fromkeys(name for name, _ in baselines))
        models = [row for row in plain.models if row["kind"] == "network"]
        models += [
            {"name": name, "kind": "trivial", "seeds": [], "description": "", "cost": None}
            for name in names
        ]
        return Results(
            dataclasses.replace(
                plain,
                models=models,
                metrics=table("metrics", plain.metrics.to_dict("records") + metrics),
                against_trivial=table("against_trivial", rows),
            )
        )

    return make
