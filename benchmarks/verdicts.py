"""Simulates how often verdicts are false and how often intervals cover, beside peers.

Each cell of the grid draws many test sets with a known truth and counts, for the mean AUROC over
the eligible findings (the headline of a comparison):

- `no_verdict`: the share of sets in which nothing is claimed (no eligible finding);
- `fwer`: the share of sets with a false statement "significantly better" among all pairs;
- `coverage`: of the intervals of AUROCs, and `coverage_difference` of those of differences;
- `power`: the share of truly different pairs that are declared so, in the right direction;
- `equivalent_false`: the share of sets in which a pair that differs by at least the margin is
  declared equivalent.

`cxrcompare` is the code that `cxrcompare compare` runs. The peers test one finding each, so they
are run on cells of one finding: the paired percentile bootstrap with scikit-learn's
`roc_auc_score`, the bootstrap intervals of `confidenceinterval`, and MLstatkit's DeLong test; the
peers' p-values get the same Holm correction over pairs.

    python benchmarks/verdicts.py --out verdicts.csv                    # about an hour on two cores
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
from scipy import special

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import differences, tested_estimates
from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.inputs.panel import Panel, Run
from cxrcompare.comparison.result.rows import MEAN
from cxrcompare.evaluation.bootstrap.resampling import draw

CHEXPERT = (0.09, 0.31, 0.06, 0.52, 0.01, 0.16, 0.05, 0.02, 0.30, 0.02, 0.21, 0.02, 0.01, 0.51)
NIH = (0.11, 0.02, 0.13, 0.19, 0.06, 0.06, 0.01, 0.09, 0.06, 0.02, 0.03, 0.02, 0.05, 0.004)
"""Prevalences of the 14 findings in CheXpert's test studies, and in NIH's test images."""


@dataclass(frozen=True)
class Cell:
    """One cell of the grid.

    Attributes:
        studies: The number of units.
        prevalence: Of every finding, or "chexpert" or "nih".
        findings: Their number.
        models: The number of architectures.
        seeds: Trained runs of each architecture.
        correlation: Between the scores of two models within a class.
        units: The number of units per patient; their scores and labels are correlated.
        effect: "equal"; "one" (the first model is better in every finding); "one finding" (better
            in the first finding only); "margin" (the first model is better by the margin);
            "separated" (all models rank perfectly); "ties" (scores of five distinct values).
        seed_sd: Standard deviation of the AUROC between seeds.
    """

    studies: int = 500
    prevalence: float | str = 0.1
    findings: int = 1
    models: int = 5
    seeds: int = 1
    correlation: float = 0.7
    units: int = 1
    effect: str = "equal"
    seed_sd: float = 0.0


AUROC, BETTER, MARGIN = 0.85, 0.90, 0.02
_SLOPE = (
    0.33  # d AUROC / d separation near 0.85, to turn a spread of AUROCs into one of separations
)


def grid() -> list[Cell]:
    """Returns the cells: sizes x prevalences x models, and one change at a time from the middle."""
    core = [
        Cell(studies=studies, prevalence=prevalence, models=models)
        for studies, prevalence, models in itertools.product(
            (50, 200, 500, 5000), (0.01, 0.02, 0.1, 0.3), (2, 5, 20)
        )
    ]
    middle = Cell()
    single = [
        *(dataclasses.replace(middle, correlation=value) for value in (0.3, 0.95)),
        *(
            dataclasses.replace(middle, units=3, studies=studies, prevalence=prevalence)
            for studies, prevalence in ((200, 0.3), (500, 0.1), (5000, 0.02))
        ),
        *(
            dataclasses.replace(middle, seeds=seeds, seed_sd=0.01, prevalence=0.2, studies=studies)
            for seeds, studies in itertools.product((3, 5), (500, 5000))
        ),
        *(
            dataclasses.replace(middle, findings=findings, studies=studies, prevalence=prevalence)
            for findings, prevalence in ((5, 0.1), (14, "chexpert"), (14, "nih"))
            for studies in (200, 500, 5000)
        ),
    ]
    effects = [
        dataclasses.replace(middle, effect=effect, prevalence=0.2, studies=studies, seeds=seeds)
        for effect, studies, seeds in (
            *(("one", studies, 1) for studies in (200, 500, 5000)),
            *(("margin", studies, 1) for studies in (500, 5000)),
            ("separated", 200, 1),
            ("ties", 200, 1),
            ("ties", 500, 1),
        )
    ]
    effects += [
        Cell(effect="one", seeds=3, seed_sd=0.01, prevalence=0.2, studies=5000),
        Cell(effect="one finding", findings=14, prevalence="chexpert", studies=500),
        Cell(effect="one finding", findings=5, prevalence=0.2, studies=5000),
    ]
    return core + single + effects


@dataclass(frozen=True)
class Drawn:
    """A drawn test set.

    Attributes:
        labels: (N, F).
        patients: (N,).
        scores: (M, N, F), the runs of an architecture adjacent.
        truth: (A, F), the AUROC of each architecture.
    """

    labels: np.ndarray
    patients: np.ndarray
    scores: np.ndarray
    truth: np.ndarray


def simulate(cell: Cell, rng: np.random.Generator) -> Drawn:
    """Draws a test set: binormal scores with a part common to all models and to a patient."""
    patients = np.repeat(np.arange(-(-cell.studies // cell.units)), cell.units)[: cell.studies]
    chosen = {"chexpert": CHEXPERT, "nih": NIH}.get(str(cell.prevalence))
    share = np.full(cell.findings, cell.prevalence) if chosen is None else np.array(chosen)
    illness = rng.normal(size=(patients[-1] + 1, cell.findings))[patients]
    own = rng.normal(size=(cell.studies, cell.findings))
    latent = illness if cell.units == 1 else np.sqrt(0.7) * illness + np.sqrt(0.3) * own
    labels = (latent > special.ndtri(1 - share)).astype(float)
    truth = np.full((cell.models, cell.findings), AUROC)
    if cell.effect == "one":
        truth[0] = BETTER
    if cell.effect == "margin":
        truth[0] = AUROC + MARGIN
    if cell.effect == "one finding":
        truth[0, 0] = BETTER
    separation = np.sqrt(2) * special.ndtri(truth)
    separation = np.repeat(separation, cell.seeds, axis=0)
    separation += cell.seed_sd / _SLOPE * rng.normal(size=(len(separation), 1))
    common = rng.normal(size=(cell.studies, cell.findings))
    if cell.units > 1:
        patient = rng.normal(size=(patients[-1] + 1, cell.findings))[patients]
        common = np.sqrt(0.5) * common + np.sqrt(0.5) * patient
    noise = rng.normal(size=(len(separation), cell.studies, cell.findings))
    noise = np.sqrt(cell.correlation) * common + np.sqrt(1 - cell.correlation) * noise
    scores = noise + separation[:, None] * labels
    if cell.effect == "separated":
        scores, truth = scores + 100 * labels, np.ones_like(truth)
    if cell.effect == "ties":
        edges = np.array([-0.5, 0.5, 1.5, 2.5])
        scores, truth = np.digitize(scores, edges).astype(float), _tied(truth, edges)
    return Drawn(labels, patients, scores, truth)


def _tied(truth: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Returns the AUROC of binormal scores that are cut at `edges`; ties count one half."""
    cut = np.r_[-np.inf, edges, np.inf]
    negative = np.diff(special.ndtr(cut))

    def one(auroc: float) -> float:
        positive = np.diff(special.ndtr(cut - np.sqrt(2) * special.ndtri(auroc)))
        below = np.cumsum(negative) - negative
        return float((positive * (below + negative / 2)).sum())

    return np.vectorize(one)(truth)


@dataclass(frozen=True)
class Claims:
    """What a tool says about the mean over findings of one test set.

    Attributes:
        findings: (F,) bool, those in the mean; none if nothing is claimed.
        intervals: (A, 2) of the architectures, NaN where the tool has none.
        pairs: One (first, second, better, equivalent, low, high) per pair; better is 1, -1 or 0.
    """

    findings: np.ndarray
    intervals: np.ndarray
    pairs: list[tuple[int, int, int, bool, float, float]]


def cxrcompare(cell: Cell, drawn: Drawn, rng: np.random.Generator) -> Claims:
    """Returns the verdicts of the code that `cxrcompare compare` runs."""
    findings = tuple(f"finding {number}" for number in range(cell.findings))
    runs = tuple(
        Run(f"m{model}", str(seed) if cell.seeds > 1 else "", "network", False)
        for model in range(cell.models)
        for seed in range(cell.seeds)
    )
    blank = np.full((len(runs), cell.findings), np.nan)
    panel = Panel(
        findings,
        drawn.labels,
        drawn.patients,
        runs,
        drawn.scores,
        blank,
        np.zeros(drawn.scores.shape, dtype=bool),
        draw(drawn.patients, 2, rng),
    )
    options = Options(replicates=100, margin=MARGIN)
    estimates = tested_estimates.estimate(panel, "auroc")
    compared = differences.differences(panel, {"auroc": estimates}, options)
    rows = differences.rows(compared, options)
    low, high, _ = tested_estimates.intervals(panel, "auroc", estimates, options.level)
    number = {name: index for index, name in enumerate(panel.networks)}
    return Claims(
        panel.eligible,
        np.stack([low[:, -2], high[:, -2]], axis=1),
        [
            (
                number[row.model_a],
                number[row.model_b],
                {"a_better": 1, "b_better": -1}.get(row.verdict, 0),
                row.verdict == "equivalent",
                row.low,
                row.high,
            )
            for row in rows
            if row.finding == MEAN
        ],
    )


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
    adjusted = adjust(np.minimum(2 * np.minimum(below, above), 1), "holm")
    low, high = np.percentile(contrast, [2.5, 97.5], axis=1)
    return Claims(
        np.ones(1, dtype=bool),
        intervals,
        [
            (a, b, int(np.sign(mean)) if p < 0.05 else 0, False, below, above)
            for (a, b), p, mean, below, above in zip(
                pairs, adjusted, contrast.mean(axis=1), low, high, strict=True
            )
        ],
    )


def mlstatkit(cell: Cell, drawn: Drawn, rng: np.random.Generator) -> Claims:
    """MLstatkit's DeLong test of every pair, Holm over the pairs; it has no intervals here."""
    from MLstatkit import Delong_test

    labels, scores = drawn.labels[:, 0], drawn.scores[:, :, 0]
    pairs = list(itertools.combinations(range(len(scores)), 2))
    found = [Delong_test(labels, scores[a], scores[b]) for a, b in pairs]
    adjusted = adjust(np.array([float(one[1]) for one in found]), "holm")
    return Claims(
        np.ones(1, dtype=bool),
        np.full((len(scores), 2), np.nan),
        [
            (a, b, int(np.sign(float(one[0]))) if p < 0.05 else 0, False, np.nan, np.nan)
            for (a, b), one, p in zip(pairs, found, adjusted, strict=True)
        ],
    )


def confidenceinterval(cell: Cell, drawn: Drawn, rng: np.random.Generator) -> Claims:
    """`confidenceinterval`'s analytic interval of each AUROC; it compares no pairs."""
    from confidenceinterval import roc_auc_score

    labels, scores = drawn.labels[:, 0], drawn.scores[:, :, 0]
    found = [roc_auc_score(labels.astype(bool).tolist(), one.tolist())[1] for one in scores]
    return Claims(np.ones(1, dtype=bool), np.array(found, dtype=float), [])


PEERS: dict[str, Callable[[Cell, Drawn, np.random.Generator], Claims]] = {
    "scikit-learn bootstrap": scikit_learn,
    "MLstatkit DeLong": mlstatkit,
    "confidenceinterval": confidenceinterval,
}


@dataclass(frozen=True)
class Row:
    """One line of the table: the cell, the tool and the rates."""

    tool: str
    studies: int
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
    power: float
    equivalent: float
    equivalent_false: float


def rates(cell: Cell, tool: str, sets: int, seed: int) -> Row:
    """Runs a tool on the drawn sets of a cell and counts."""
    say = cxrcompare if tool == "cxrcompare" else PEERS[tool]
    silent, family, wrong = 0, [], []
    covered, paired, right, alike = [], [], [], []
    for number in range(sets):
        rng = np.random.default_rng([seed, number])
        drawn = simulate(cell, rng)
        count = drawn.labels.sum(axis=0)
        if not ((count > 1) & (count < cell.studies - 1)).all() and tool != "cxrcompare":
            continue  # a peer ends in an error
        claims = say(cell, drawn, rng)
        if not claims.findings.any():
            silent += 1
            continue
        truth = drawn.truth[:, claims.findings].mean(axis=1)
        low, high = claims.intervals.T
        shown = ~np.isnan(low)
        covered += ((low <= truth) & (truth <= high))[shown].tolist()
        false = far = False
        for a, b, better, equivalent, low_pair, high_pair in claims.pairs:
            difference = truth[a] - truth[b]
            false |= better != 0 and better != int(np.sign(np.round(difference, 9)))
            if abs(difference) > 1e-9:
                right.append(better == int(np.sign(difference)))
            else:
                alike.append(equivalent)
            far |= equivalent and abs(difference) >= MARGIN - 1e-9
            if low_pair == low_pair:
                paired.append(low_pair - 1e-12 <= difference <= high_pair + 1e-12)
        family.append(false)
        wrong.append(far)
    differ = cell.effect in ("one", "margin", "one finding")
    facts = dataclasses.asdict(cell)
    facts.pop("seed_sd")
    return Row(
        tool,
        **facts,
        sets=sets,
        no_verdict=round(silent / sets, 4),
        fwer=_mean(family),
        coverage=_mean(covered),
        coverage_difference=_mean(paired),
        power=_mean(right),
        equivalent=_mean(alike),
        equivalent_false=_mean(wrong) if differ else float("nan"),
    )


def _mean(values: list) -> float:
    return round(float(np.mean(values)), 4) if values else float("nan")


def jobs(sets: int, peers: int) -> Iterator[tuple[Cell, str, int, int]]:
    """Yields the cell, tool, number of sets and seed of each line."""
    for number, cell in enumerate(grid()):
        yield cell, "cxrcompare", sets, number
        if cell.findings == 1 and cell.units == 1 and cell.seeds == 1 and cell.models == 5:
            for tool in PEERS if peers and cell.studies <= 500 else ():
                yield cell, tool, peers, number


def main() -> None:
    """Runs the grid and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", type=int, default=1000, help="drawn test sets per cell")
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
