"""Options of a comparison."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cxrcompare.errors import InputError
from cxrcompare.evaluation import calibration
from cxrcompare.predictions.alignment import UNITS, VIEWS

INTERVALS = ("percentile", "bca")
CORRECTIONS = ("holm", "fdr")
_RULE = re.compile(r"^(youden|f1|(sensitivity|specificity)=(0?\.\d+|1(\.0*)?))$")


@dataclass(frozen=True)
class Options:
    """Options of a comparison.

    Attributes:
        findings: "all" (those that the reference and all models have), "competition", or names.
        unit: The unit of analysis: "study" or "image".
        views_rule: How the scores of a study's views are combined: "max" or "mean".
        replicates: The number of bootstrap replicates.
        level: The level of all confidence intervals; tests use alpha = 1 - level.
        seed: The random seed of the resampling.
        interval: "percentile" or "bca".
        correction: The multiplicity correction: "holm" or "fdr" (Benjamini & Hochberg).
        margin: The margin of the non-inferiority tests of AUROC; None runs no such tests.
        threshold_rule: "youden", "f1", "sensitivity=0.9" or "specificity=0.9"; None means "youden".
            Without validation predictions a rule is ignored, with a warning.
        scores: Whether scores may be other than probabilities; if so, calibration is not computed.
        bins: The number of ECE bins, which have equal width.
        power: The power of the minimum detectable difference.
        minimum_cell: The smallest number of positives, and of negatives, of a compared subgroup.
    """

    findings: str | Sequence[str] = "all"
    unit: str = "study"
    views_rule: str = "max"
    replicates: int = 10_000
    level: float = 0.95
    seed: int = 0
    interval: str = "percentile"
    correction: str = "holm"
    margin: float | None = None
    threshold_rule: str | None = None
    scores: bool = False
    bins: int = calibration.BINS
    power: float = 0.8
    minimum_cell: int = 10

    def __post_init__(self) -> None:
        """Checks every option.

        Raises:
            InputError: A value is not one of the choices, or is out of range.
        """
        choices = {
            "unit": UNITS,
            "views_rule": VIEWS,
            "interval": INTERVALS,
            "correction": CORRECTIONS,
        }
        for name, allowed in choices.items():
            if getattr(self, name) not in allowed:
                raise InputError(
                    f"`{name}` must be one of {', '.join(allowed)}. Received: {getattr(self, name)}"
                )
        ranges = {
            "replicates": (100, 1_000_000),
            "level": (0.5, 0.9999),
            "power": (0.05, 0.9999),
            "bins": (2, 1000),
            "minimum_cell": (1, 1_000_000),
            "seed": (0, 2**63 - 1),
        }
        for name, (low, high) in ranges.items():
            if not low <= getattr(self, name) <= high:
                raise InputError(
                    f"`{name}` must be from {low} to {high}. Received: {getattr(self, name)}"
                )
        if self.margin is not None and not 0 < self.margin < 0.5:
            raise InputError(f"`margin` must be above 0 and below 0.5. Received: {self.margin}")
        if not _RULE.match(self.chosen_rule):
            raise InputError(
                "`threshold_rule` must be youden, f1, sensitivity=0.9 or specificity=0.9 (any "
                f"share above 0, at most 1). Received: {self.threshold_rule}"
            )

    @property
    def chosen_rule(self) -> str:
        """The given threshold rule, or "youden" by default."""
        return "youden" if self.threshold_rule is None else self.threshold_rule

    @property
    def rule(self) -> tuple[str, float]:
        """The name of the threshold rule in `evaluation.operating`, and its target."""
        name, _, target = self.chosen_rule.partition("=")
        return {"f1": "max_f1"}.get(name, name), float(target or 1.0)
