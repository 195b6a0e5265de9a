"""What intervals and tests promise, kept where the truth is known: patients with several studies,
architectures with several seeds.

Every architecture draws its runs from one population of seeds, so the truth of an architecture is
the mean AUROC of that population, 0.7602 = Phi(1 / sqrt(2)) for the separation 1 used here when
seeds do not differ.
"""

import numpy as np
import pytest
from scipy.special import ndtr

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import tested_estimates
from cxrcompare.comparison.inference.differences import differences, rows
from cxrcompare.comparison.inputs.panel import Panel, Run
from cxrcompare.evaluation.bootstrap.resampling import draw

OPTIONS = Options(replicates=400)
SEPARATION = 1.0


def study(rng, names, seeds, seed_sd, patients=90, per_patient=2):
    """Returns one test set and what architectures of equal quality score on it.

    A unit's score is separation * label + patient + unit + run noise, of variances .3, .3, .4; a
    run's separation varies by `seed_sd` around the architecture's.
    """
    who = np.repeat(np.arange(patients), per_patient)
    labels = (rng.random(len(who)) < 0.35).astype(float)[:, None]
    shared = np.sqrt(0.3) * rng.normal(size=patients)[who] + np.sqrt(0.3) * rng.normal(
        size=len(who)
    )
    runs, scores = [], []
    for name in names:
        for seed in range(seeds):
            separation = SEPARATION + seed_sd * rng.normal()
            noise = np.sqrt(0.4) * rng.normal(size=len(who))
            scores.append((separation * labels[:, 0] + shared + noise)[:, None])
            runs.append(Run(name, str(seed), "network", False))
    resamples = draw(who, OPTIONS.replicates, rng)
    stack = np.array(scores)
    nothing = np.full((len(runs), 1), np.nan)
    return Panel(("Edema",), labels, who, tuple(runs), stack, nothing, stack > np.inf, resamples)


def truth(seed_sd):
    """Returns the mean over seeds of Phi(separation / sqrt(2)), by a sum over a fine grid."""
    z = np.linspace(-8, 8, 4001)
    weight = np.exp(-(z**2) / 2)
    return float((ndtr((SEPARATION + seed_sd * z) / np.sqrt(2)) * weight).sum() / weight.sum())


def rows_of(panel):
    found = {"auroc": tested_estimates.estimate(panel, "auroc")}
    return rows(differences(panel, found, OPTIONS), OPTIONS)


@pytest.mark.slow
@pytest.mark.parametrize(("seeds", "seed_sd"), [(1, 0.0), (3, 0.0), (3, 0.3), (5, 0.6)])
def test_intervals_cover(seeds, seed_sd):
    """800 studies: the standard error of a coverage of .95 is .0077."""
    rng = np.random.default_rng(11)
    inside, right = 0, truth(seed_sd)
    for _ in range(800):
        panel = study(rng, ["a"], seeds, seed_sd)
        found = tested_estimates.estimate(panel, "auroc")
        low, high, _ = tested_estimates.intervals(panel, "auroc", found, 0.95)
        inside += low[0, 0] <= right <= high[0, 0]
    assert 0.93 - 2 * 0.0077 < inside / 800 < 0.97 + 2 * 0.0077


@pytest.mark.slow
@pytest.mark.parametrize(("seeds", "seed_sd"), [(1, 0.0), (3, 0.0), (3, 0.3)])
def test_paired_tests_and_verdicts_keep_their_size(seeds, seed_sd):
    """Three equal architectures: 3 tests in 500 studies; standard errors .01 and below."""
    rng = np.random.default_rng(12)
    single, family, studies = 0, 0, 500
    for _ in range(studies):
        panel = study(rng, list("abc"), seeds, seed_sd)
        found = rows_of(panel)
        single += found[0].p_value < 0.05
        family += any(row.verdict.endswith("better") for row in found)
        for row in found:  # the intervals and the tests agree
            assert (row.low > 0 or row.high < 0) == (row.p_value < 0.05)
            excluded = row.simultaneous_low > 0 or row.simultaneous_high < 0
            assert excluded == row.verdict.endswith("better")
    assert 0.005 < single / studies < 0.05 + 2.5 * 0.0098
    assert family / studies < 0.05 + 2.5 * 0.0098


@pytest.mark.slow
def test_a_true_difference_is_found():
    """Two architectures 1.0 and 1.8 standard deviations apart: AUROC .760 and .898."""
    rng = np.random.default_rng(13)
    found = 0
    for _ in range(100):
        panel = study(rng, list("ab"), 3, 0.05)
        better = panel.scores.copy()
        better[3:] += 0.8 * panel.labels
        panel = Panel(
            panel.findings,
            panel.labels,
            panel.patients,
            panel.runs,
            better,
            panel.thresholds,
            panel.decisions,
            panel.resamples,
        )
        row = rows_of(panel)[0]
        found += row.p_value < 0.05 and row.difference < 0
    assert found > 80
