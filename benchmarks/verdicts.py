"""Simulates how often verdicts are false and how often intervals cover, beside peers.

Each cell of the grid (`simulated_sets.grid`) draws many test sets with a known truth and counts:

- `no_verdict`: the share of sets in which nothing is claimed (no eligible finding);
- `fwer`: the share of sets with any false verdict, among all pairs and all of the mean, the
  findings and all findings pooled: a difference that does not exist, one in the wrong direction, or
  an equivalence of models that differ by the margin or more;
- `coverage` of the intervals of the metric, `coverage_difference` of those of differences, and
  `simultaneous`: the share of sets in which all simultaneous intervals contain the truth; the first
  two for the mean over findings;
- `power`: the share of truly different pairs that are declared so, by the mean;
- `equivalent`: the share of equal pairs that are declared equivalent, by the mean;
- `equivalent_false`: the share of sets in which a pair that differs by the margin or more is
  declared equivalent.

`cxrcompare` is the code that `cxrcompare compare` runs. The peers test one finding each, so they
are run on cells of one finding: the paired percentile bootstrap with scikit-learn's
`roc_auc_score`, the analytic intervals of `confidenceinterval`, and MLstatkit's DeLong test; the
peers' p-values get Bonferroni's correction over pairs.

    python benchmarks/verdicts.py --out verdicts.csv                    # hours on two cores
    python benchmarks/verdicts.py --sets 20 --peers 0 --out verdicts.csv   # a smoke run
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import itertools
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from simulated_sets import MARGIN, Cell, Drawn, grid, simulate, threshold

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import differences, scoring, tested_estimates
from cxrcompare.comparison.inference.estimates import metric_estimates, seed_averages
from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.inference.scoring import OVER
from cxrcompare.comparison.inputs.panel import CHOSEN, Panel, Run
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS, MEAN
from cxrcompare.comparison.row_types.main_rows import DifferenceRow
from cxrcompare.evaluation.bootstrap import decision_replicates
from cxrcompare.evaluation.bootstrap.resampling import draw, whole

REPLICATES = 1000
"""Bootstrap replicates, where any are used."""


@dataclass(frozen=True)
class Claim:
    """What a tool says about a pair.

    Attributes:
        first: The index of the first model.
        second: The index of the second one.
        entry: The finding, or F for the mean, or F + 1 for all findings pooled.
        verdict: "a_better", "b_better", "equivalent", "undecided", or "" without a test.
        low: Lower limit of the interval that is not adjusted.
        high: Upper limit.
        simultaneous_low: Lower limit of the simultaneous interval.
        simultaneous_high: Upper limit.
    """

    first: int
    second: int
    entry: int
    verdict: str
    low: float
    high: float
    simultaneous_low: float = float("nan")
    simultaneous_high: float = float("nan")


@dataclass(frozen=True)
class Claims:
    """What a tool says about one test set.

    Attributes:
        silent: Whether nothing is claimed.
        intervals: (A, 2) of the mean over findings, NaN where the tool has none.
        pairs: Each pair and entry.
        findings: (F,) bool, those in the mean.
    """

    silent: bool
    intervals: np.ndarray
    pairs: list[Claim]
    findings: np.ndarray


def cxrcompare(cell: Cell, drawn: Drawn, rng: np.random.Generator) -> Claims:
    """Returns the verdicts of the code that `cxrcompare compare` runs."""
    panel = _panel(cell, drawn, rng)
    options = Options(replicates=REPLICATES, margin=MARGIN)
    runs = {"auroc": scoring.Scored(np.zeros((0, 0)), None, np.zeros(0))}
    if cell.metric != "auroc":
        runs = scoring.score(panel, [cell.metric], options.bins)
    found = {name: tested_estimates.estimate(panel, name, one) for name, one in runs.items()}
    rows = differences.rows(differences.differences(panel, found, options), options)
    ends = _intervals(cell, panel, runs, found, options, rng)
    names, entries = panel.networks, [*panel.findings, *OVER]
    claims = [_claim(row, names, entries) for row in rows]
    return Claims(not panel.eligible.any(), ends, claims, found[cell.metric].eligible)


def _panel(cell: Cell, drawn: Drawn, rng: np.random.Generator) -> Panel:
    findings = tuple(f"finding {number}" for number in range(cell.findings))
    runs = tuple(
        Run(f"m{model}", str(seed) if cell.seeds > 1 else "", "network")
        for model in range(cell.models)
        for seed in range(cell.seeds)
    )
    limits = np.full((len(runs), cell.findings), threshold(cell))
    unused = cell.metric in scoring.WITHOUT_REPLICATES
    resamples = draw(drawn.patients, 2 if unused else REPLICATES, rng)
    noisy, sources = None, None
    if drawn.validation is not None:
        labels, scores = drawn.validation
        rule, _, target = cell.rule.partition("=")
        given = rule, float(target or 1)
        patients = np.arange(len(labels))
        limits = decision_replicates.choose_thresholds(labels, scores, whole(patients), *given)[0]
        many = draw(patients, REPLICATES, rng)
        noisy = decision_replicates.choose_thresholds(labels, scores, many, *given)
        noisy = np.where(np.isnan(noisy), limits, noisy)
        sources = np.full(limits.shape, CHOSEN)
    return Panel(
        findings,
        drawn.labels,
        drawn.patients,
        runs,
        drawn.scores,
        limits,
        drawn.scores >= limits[:, None, :],
        resamples,
        threshold_replicates=noisy,
        threshold_sources=sources,
    )


def _intervals(cell, panel, runs, found, options, rng) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Returns the intervals of the mean over findings, (A, 2)."""
    if cell.metric == "auroc":
        low, high, _ = tested_estimates.intervals(panel, "auroc", found["auroc"], options.level)
        return np.stack([low[:, cell.findings], high[:, cell.findings]], axis=1)
    weights = seed_averages.seed_weights(panel, rng)
    averaged = {name: seed_averages.average(panel, one, weights) for name, one in runs.items()}
    rows = metric_estimates.rows_of_architectures(panel, averaged, found, options)
    return np.array(
        [(row.low, row.high) for row in rows if row.finding == MEAN and row.seed == ALL_SEEDS]
    )


def _claim(row: DifferenceRow, names: list[str], entries: list[str]) -> Claim:
    ends = (row.low, row.high, row.simultaneous_low, row.simultaneous_high)
    numbers = [float("nan") if end is None else end for end in ends]
    first, second = names.index(row.model_a), names.index(row.model_b)
    return Claim(first, second, entries.index(row.finding), row.verdict, *numbers)


def scikit_learn(cell: Cell, drawn: Drawn, rng: np.random.Generator) -> Claims:
    """The loop that a user would write: resample rows, `roc_auc_score`, percentiles."""
    from sklearn.metrics import roc_auc_score

    labels, scores = drawn.labels[:, 0], drawn.scores[:, :, 0]
    values = []
    while len(values) < 200:
        rows = rng.integers(0, len(labels), len(labels))
        if 0 < labels[rows].sum() < len(labels):
            values.append([roc_auc_score(labels[rows], one[rows]) for one in scores])
    replicates = np.array(values)
    return _from_replicates(replicates, np.percentile(replicates, [2.5, 97.5], axis=0).T)


def _from_replicates(replicates: np.ndarray, intervals: np.ndarray) -> Claims:
    pairs = list(itertools.combinations(range(replicates.shape[1]), 2))
    contrast = np.array([replicates[:, a] - replicates[:, b] for a, b in pairs])
    below = ((contrast <= 0).sum(axis=1) + 1) / (contrast.shape[1] + 1)
    above = ((contrast >= 0).sum(axis=1) + 1) / (contrast.shape[1] + 1)
    adjusted = adjust(np.minimum(2 * np.minimum(below, above), 1), "bonferroni")
    low, high = np.percentile(contrast, [2.5, 97.5], axis=1)
    return Claims(
        False,
        intervals,
        [
            Claim(a, b, 1, _verdict(mean, p), bottom, top)
            for (a, b), p, mean, bottom, top in zip(
                pairs, adjusted, contrast.mean(axis=1), low, high, strict=True
            )
        ],
        np.ones(1, dtype=bool),
    )


def _verdict(difference: float, p_value: float) -> str:
    if not p_value < 0.05:
        return "undecided"
    return "a_better" if difference > 0 else "b_better"


def mlstatkit(cell: Cell, drawn: Drawn, rng: np.random.Generator) -> Claims:
    """MLstatkit's DeLong test of every pair; it has no intervals here."""
    from MLstatkit import Delong_test

    labels, scores = drawn.labels[:, 0], drawn.scores[:, :, 0]
    pairs = list(itertools.combinations(range(len(scores)), 2))
    found = [Delong_test(labels, scores[a], scores[b]) for a, b in pairs]
    adjusted = adjust(np.array([float(one[1]) for one in found]), "bonferroni")
    return Claims(
        False,
        np.full((len(scores), 2), np.nan),
        [
            Claim(a, b, 1, _verdict(float(one[0]), p), np.nan, np.nan)
            for (a, b), one, p in zip(pairs, found, adjusted, strict=True)
        ],
        np.ones(1, dtype=bool),
    )


def confidenceinterval(cell: Cell, drawn: Drawn, rng: np.random.Generator) -> Claims:
    """`confidenceinterval`'s analytic interval of each AUROC; it compares no pairs."""
    from confidenceinterval import roc_auc_score

    labels, scores = drawn.labels[:, 0], drawn.scores[:, :, 0]
    found = [roc_auc_score(labels.astype(bool).tolist(), one.tolist())[1] for one in scores]
    return Claims(False, np.array(found, dtype=float), [], np.ones(1, dtype=bool))


PEERS: dict[str, Callable[[Cell, Drawn, np.random.Generator], Claims]] = {
    "scikit-learn bootstrap": scikit_learn,
    "MLstatkit DeLong": mlstatkit,
    "confidenceinterval": confidenceinterval,
}


@dataclass(frozen=True)
class Row:
    """One line of the table: the cell, the tool and the rates."""

    tool: str
    metric: str
    rule: str
    studies: int
    validation: int
    prevalence: float | str
    findings: int
    models: int
    seeds: int
    correlation: float
    units: int
    effect: str
    sets: int
    no_verdict: float
    fwer: float
    coverage: float
    coverage_difference: float
    simultaneous: float
    power: float
    equivalent: float
    equivalent_false: float


def rates(cell: Cell, tool: str, sets: int, seed: int) -> Row:
    """Runs a tool on the drawn sets of a cell and counts."""
    say = cxrcompare if tool == "cxrcompare" else PEERS[tool]
    silent = used = 0
    counted: dict[str, list[bool]] = {name: [] for name in RATES}
    for number in range(sets):
        rng = np.random.default_rng([seed, number])
        drawn = simulate(cell, rng)
        count = drawn.labels.sum(axis=0)
        if not ((count > 1) & (count < cell.studies - 1)).all() and tool != "cxrcompare":
            continue  # a peer ends in an error
        used += 1
        claims = say(cell, drawn, rng)
        silent += claims.silent
        if not claims.silent:
            count_set(cell, drawn, claims, counted)
    facts = dataclasses.asdict(cell)
    facts.pop("seed_sd")
    return Row(
        tool,
        **facts,
        sets=used,
        no_verdict=round(silent / used, 4) if used else float("nan"),
        **{name: mean(values) for name, values in counted.items()},
    )


RATES = (
    "fwer",
    "coverage",
    "coverage_difference",
    "simultaneous",
    "power",
    "equivalent",
    "equivalent_false",
)


def count_set(cell: Cell, drawn: Drawn, claims: Claims, counted: dict[str, list[bool]]) -> None:
    """Adds what is true and false of the claims on one test set."""
    truth = drawn.truth.copy()
    truth[:, cell.findings] = truth[:, : cell.findings][:, claims.findings].mean(axis=1)
    known = ~np.isnan(truth[:, cell.findings])
    low, high = claims.intervals.T
    shown = ~np.isnan(low) & known
    inside = (low <= truth[:, cell.findings]) & (truth[:, cell.findings] <= high)
    counted["coverage"] += inside[shown].tolist()
    false = far = outside = False
    apart = False
    sign = -1 if cell.metric in ("brier", "log_loss") else 1
    for one in claims.pairs:
        same = cell.effect != "one" and np.isnan(truth[[one.first, one.second], one.entry]).any()
        gap = 0.0 if same else float(truth[one.first, one.entry] - truth[one.second, one.entry])
        gap = 0.0 if abs(gap) < 1e-9 else gap
        right = {1: "a_better", -1: "b_better"}.get(int(sign * np.sign(gap)), "")
        false |= one.verdict.endswith("better") and one.verdict != right
        if abs(gap) >= MARGIN - 1e-9 and cell.metric == "auroc":
            apart = True
            far |= one.verdict == "equivalent"
        if one.simultaneous_low == one.simultaneous_low:
            ends = one.simultaneous_low, one.simultaneous_high
            outside |= not ends[0] - 1e-12 <= gap <= ends[1] + 1e-12
        if one.entry == cell.findings and one.low == one.low:
            counted["coverage_difference"].append(one.low - 1e-12 <= gap <= one.high + 1e-12)
        if one.entry == cell.findings:
            name, value = ("power", right) if gap else ("equivalent", "equivalent")
            counted[name].append(one.verdict == value)
    if claims.pairs:
        counted["fwer"].append(false or far)
    if any(one.simultaneous_low == one.simultaneous_low for one in claims.pairs):
        counted["simultaneous"].append(not outside)
    if apart:
        counted["equivalent_false"].append(far)


def mean(values: list) -> float:
    """Returns the rounded mean; NaN if there are no values."""
    return round(float(np.mean(values)), 4) if values else float("nan")


_OF_PEERS = ("equal", "one", "ties")
"""The effects that the peers are run on."""


def jobs(sets: int, peers: int) -> Iterator[tuple[Cell, str, int, int]]:
    """Yields the cell, tool, number of sets and seed of each line."""
    for number, cell in enumerate(grid()):
        if sets:
            yield cell, "cxrcompare", sets, number
        plain = cell.findings == cell.units == cell.seeds == 1 and cell.metric == "auroc"
        if plain and cell.models == 2:
            for tool in PEERS if peers and cell.studies <= 500 and cell.effect in _OF_PEERS else ():
                yield cell, tool, peers, number


def main() -> None:
    """Runs the grid and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", type=int, default=1000, help="drawn test sets per cell, 0: none")
    parser.add_argument("--peers", type=int, default=300, help="drawn test sets per cell of a peer")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    with options.out.open("w", newline="") as file, ProcessPoolExecutor(options.processes) as pool:
        writer = csv.DictWriter(file, [field.name for field in dataclasses.fields(Row)])
        writer.writeheader()
        for row in pool.map(rates, *zip(*jobs(options.sets, options.peers), strict=True)):
            writer.writerow(dataclasses.asdict(row))
            file.flush()
            print(row, flush=True)


if __name__ == "__main__":
    main()
