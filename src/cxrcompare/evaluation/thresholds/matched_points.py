"""Paired tests of a model against a reader at the reader's specificity or sensitivity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.ranking import descending

FEWEST_PATIENTS = 5
"""Patients that the reader must call right, and wrong, in the class that is matched."""
_WINDOW = 0.5


@dataclass(frozen=True)
class Matched:
    """A model minus a reader at a matched rate.

    Attributes:
        difference: The difference of the rates, mean over the model's seeds; NaN if undefined.
        low: Lower limit of its interval; NaN without a test.
        high: Upper limit.
        p_value: Two-sided; NaN without a test.
    """

    difference: float
    low: float
    high: float
    p_value: float


def sensitivity_difference(
    labels: np.ndarray,
    scores: np.ndarray,
    calls: np.ndarray,
    patients: np.ndarray,
    level: float = 0.95,
) -> Matched:
    """Returns the sensitivity of a model at the reader's specificity minus that of the reader.

    The model's threshold gives the reader's false positive rate on the same negatives; between two
    thresholds the rates are interpolated, as on the ROC curve. With m and r the calls of model and
    reader, the influence of a positive on the difference is that on the mean of m - r. The
    influence of a negative is that on the mean of m - r times minus the slope of the ROC curve,
    because an error in the false positive rates moves the threshold. So the variance contains the
    sampling of positives and negatives and the correlation of model and reader, clustered by
    patient. The slope is that of a line between two points of the ROC curve on normal deviates.

    The p-value is the larger one of two: Student's t with Satterthwaite's degrees of freedom, and
    the exact sign test of the patients whose positives the model and the reader call differently.
    The latter keeps the level where discordant patients are few. Seeds add the variance between
    trainings over their number (Welch); with two seeds there is no test.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (S, N), of the seeds of a model.
        calls: (N,) in {0, 1, NaN}, of the reader; units without a call are excluded.
        patients: (N,) ids.
        level: The level of the interval.

    Returns:
        The difference. There is no test if the reader's false positives, or true negatives, are in
        fewer than `FEWEST_PATIENTS` patients, or if fewer than two patients have a positive.

    Sources: variance of a point of the ROC curve: Pepe 2003, The Statistical Evaluation of Medical
    Tests, section 5.2; Satterthwaite 1946, doi 10.2307/3002019.
    """
    used = ~(np.isnan(labels) | np.isnan(calls))
    truth, reader = labels[used] == 1, calls[used] == 1
    group = np.unique(patients[used], return_inverse=True)[1]
    if truth.all() or not truth.any():
        return Matched(*[float("nan")] * 4)
    target = float(reader[~truth].mean())
    calls_at = [_at_rate(score[used], truth, target) for score in scores]
    model = np.mean([found for found, _ in calls_at], axis=0)
    excess = np.stack([found - reader for found, _ in calls_at])
    values = excess[:, truth].mean(axis=1)
    difference = float(values.mean())
    undefined = Matched(difference, *[float("nan")] * 3)
    fewest = min(_distinct(group[~truth & (reader == side)]) for side in (True, False))
    if fewest < FEWEST_PATIENTS or len(scores) == 2 or _distinct(group[truth]) < 2:
        return undefined
    slopes = np.array([slope for _, slope in calls_at])
    positive = _by_patient(model[truth] - reader[truth] - difference, group[truth], group)
    weighted = (-slopes[:, None] * excess[:, ~truth]).mean(axis=0)
    negative = _by_patient(weighted - weighted.mean(), group[~truth], group)
    parts = np.array([np.sum(positive**2), np.sum(negative**2)])
    freedom = np.array([_distinct(group[truth == side]) - 1 for side in (True, False)])
    variance = float(np.sum((positive + negative) ** 2))
    bottom = variance**2 * _share(parts**2 / freedom, parts)
    if len(scores) > 1:
        between = float(values.var(ddof=1)) / len(scores)
        variance += between
        bottom += between**2 / (len(scores) - 1)
    if variance <= 1e-18:
        return undefined
    error, degrees = np.sqrt(variance), variance**2 / bottom
    half = float(student_t.quantile((1 + level) / 2, degrees) * error)
    p_value = float(2 * student_t.upper_tail(abs(difference) / error, degrees))
    signs = np.bincount(group[truth], model[truth] - reader[truth])
    return Matched(
        difference,
        max(difference - half, -1.0),
        min(difference + half, 1.0),
        max(p_value, _sign_test(signs)),
    )


def specificity_difference(
    labels: np.ndarray,
    scores: np.ndarray,
    calls: np.ndarray,
    patients: np.ndarray,
    level: float = 0.95,
) -> Matched:
    """Returns the specificity of a model at the reader's sensitivity minus that of the reader.

    It is `sensitivity_difference` with the classes exchanged; arguments as there.
    """
    return sensitivity_difference(1 - labels, -scores, 1 - calls, patients, level)


def combined_p_value(sensitivity: Matched, specificity: Matched) -> float:
    """Returns the larger p-value of the two differences; NaN if neither is tested.

    Both differences test one hypothesis: the reader's point lies on the ROC curve of the model. A
    match in a class of few patients rejects it too often (10 % instead of 5 % with 40 positives);
    the larger p-value keeps the level.
    """
    return float(np.fmax(sensitivity.p_value, specificity.p_value))


def _distinct(group: np.ndarray) -> int:
    return int(np.count_nonzero(np.bincount(group)))


def _share(squares: np.ndarray, parts: np.ndarray) -> float:
    total = float(parts.sum()) ** 2
    return float(squares.sum()) / total if total > 0 else 0.0


def _by_patient(deviation: np.ndarray, members: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Returns the influence of each patient on a mean, (G,), with the n / (n - 1) correction."""
    n = _distinct(members)
    sums = np.bincount(members, deviation, minlength=int(group.max()) + 1)
    return np.asarray(np.sqrt(n / max(n - 1, 1)) * sums / len(deviation))


def _sign_test(signs: np.ndarray) -> float:
    """Returns the exact p-value; a patient counts where most seeds differ from the reader."""
    up, down = int((signs >= 0.5).sum()), int((signs <= -0.5).sum())
    return min(1.0, 2 * float(special.bdtr(min(up, down), up + down, 0.5)))


def _at_rate(scores: np.ndarray, truth: np.ndarray, rate: float) -> tuple[np.ndarray, float]:
    """Returns calls at a false positive rate, (N,) in [0, 1], and the slope of the ROC curve there.

    Units whose score equals the threshold are called with the share that gives the rate exactly.
    """
    order = descending(scores)
    hits = truth[order.unit]
    tp, fp = np.cumsum(hits)[order.end - 1], np.cumsum(~hits)[order.end - 1]
    code = np.empty(len(scores), dtype=int)
    code[order.unit] = order.group
    wanted = rate * fp[-1]
    at = int(np.searchsorted(fp, wanted + 1e-9, side="right"))  # the first code with more
    calls = (code < at).astype(float)
    if at < len(fp):
        before = fp[at - 1] if at else 0
        calls[code == at] = (wanted - before) / (fp[at] - before)
    return calls, roc_slope(fp, tp, wanted)


def roc_slope(fp: np.ndarray, tp: np.ndarray, wanted: float) -> float:
    """Returns dTPR / dFPR of the local binormal curve; rates are those of (k + 1/2) / (n + 1).

    Args:
        fp: (T,), false positives at the distinct scores, highest first.
        tp: (T,), true positives.
        wanted: The number of false positives at which the slope is wanted.
    """
    negatives, positives = int(fp[-1]), int(tp[-1])

    def deviate(count: np.ndarray | float, total: int) -> np.ndarray:
        return np.asarray(special.ndtri((np.asarray(count) + 0.5) / (total + 1)))

    centre = float(deviate(wanted, negatives))
    ends = np.clip(
        [centre - _WINDOW, centre + _WINDOW], deviate(0.0, negatives), deviate(negatives, negatives)
    )
    # The upper ends of steps, from the last one below the window to the first one above it.
    counts = special.ndtr(ends) * (negatives + 1) - 0.5
    first = int(np.searchsorted(fp, counts[0] - 1e-6, side="left"))
    last = int(np.searchsorted(fp, counts[1] + 1e-6, side="right"))
    before = int(np.searchsorted(fp, fp[first - 1], side="left")) if first else 0
    after = int(np.searchsorted(fp, fp[last], side="right")) if last < len(fp) else len(fp)
    falses, trues = fp[before:after], tp[before:after]
    if not first:
        falses, trues = np.append(0, falses), np.append(0, trues)
    x, y = deviate(falses, negatives), deviate(trues, positives)
    kept = np.append(np.flatnonzero(np.diff(x)), len(x) - 1)  # the upper end of each step
    low, middle, high = np.interp([ends[0], centre, ends[1]], x[kept], y[kept])
    gradient = (high - low) / (ends[1] - ends[0])
    return float(gradient * np.exp((centre**2 - middle**2) / 2))
