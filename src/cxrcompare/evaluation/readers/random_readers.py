"""A mean over readers with readers as a random factor: Obuchowski and Rockette's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.evaluation import student_t

FEWEST_READERS = 3
"""With fewer readers their variance is too uncertain for a test."""


@dataclass(frozen=True)
class ReaderMean:
    """The mean of a figure of merit over readers.

    Attributes:
        mean: The mean.
        low: Lower limit of the interval.
        high: Upper limit.
        p_value: Two-sided, that the mean is 0.
        p_equivalence: That its size is the margin or more: two one-sided tests.
        standard_error: The standard error.
        degrees: Hillis's degrees of freedom.
        mean_square: The mean square of readers.
        covariance: The covariance of two readers that their common patients cause; at least 0.
    """

    mean: float
    low: float
    high: float
    p_value: float
    p_equivalence: float
    standard_error: float
    degrees: float
    mean_square: float
    covariance: float


def reader_covariance(influence: np.ndarray) -> float:
    """Returns the mean covariance of two different readers.

    Args:
        influence: (J, G), of each patient on the figure of merit of each reader.
    """
    readers = len(influence)
    together = influence.sum(axis=0)
    own = float((influence**2).sum())
    return (float(together @ together) - own) / (readers * (readers - 1))


def random_readers(
    values: np.ndarray,
    covariance: float,
    margin: float = 0.0,
    level: float = 0.95,
    other: tuple[float, float] = (0.0, np.inf),
) -> ReaderMean:
    """Returns the mean over readers, who are a sample of all readers.

    The variance is (MS + J max(Cov, 0)) / J for J readers: MS is their mean square, and Cov the
    covariance of two readers. The figures can be differences: of a reader and a model, or of two
    treatments, where the test is that of Obuchowski and Rockette. Degrees of freedom are Hillis's.

    Args:
        values: (J,), one for each reader, at least 3.
        covariance: The covariance of two different readers, from `reader_covariance`.
        margin: The margin of the equivalence tests.
        level: Level of the interval.
        other: Another variance that all readers have in common, such as that of the seeds of a
            model, and its degrees of freedom.

    Sources: Obuchowski & Rockette 1995, doi 10.1080/03610919508813243; Hillis 2007, doi
    10.1002/sim.2532; one treatment: Hillis 2014, doi 10.1002/sim.5926.
    """
    readers = len(values)
    if readers < FEWEST_READERS:
        raise ValueError(
            f"`values` must be of at least {FEWEST_READERS} readers. Received: {readers}"
        )
    mean = float(np.mean(values))
    square = float(np.var(values, ddof=1))
    shared = max(covariance, 0.0)
    sampled = (square + readers * shared) / readers
    bottom = (square / readers) ** 2 / (readers - 1) + other[0] ** 2 / other[1]
    total = sampled + other[0]
    if total <= 1e-18:
        same = abs(mean) <= 1e-12
        sure = 1.0 if same else float("nan")
        return ReaderMean(
            mean, mean, mean, sure, 0.0 if same else float("nan"), 0.0, float("inf"), square, shared
        )
    degrees = total**2 / bottom if bottom > 0 else float("inf")
    error = float(np.sqrt(total))
    half = float(student_t.quantile((1 + level) / 2, degrees)) * error
    return ReaderMean(
        mean,
        mean - half,
        mean + half,
        float(2 * student_t.upper_tail(abs(mean) / error, degrees)),
        float(student_t.upper_tail((margin - abs(mean)) / error, degrees)),
        error,
        float(degrees),
        square,
        shared,
    )
