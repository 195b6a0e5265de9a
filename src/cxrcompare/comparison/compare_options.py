"""Options of a comparison."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cxrcompare.errors import InputError
from cxrcompare.evaluation.thresholds.roc_points import RocPoints
from cxrcompare.options.declaration import check
from cxrcompare.options.evaluation import DEFAULT_MARGIN, Evaluation

_RULE = re.compile(
    r"^(youden|f1|(sensitivity|specificity)=(0?\.\d+|1(\.0*)?)|net-benefit=0?\.\d*[1-9]\d*"
    r"|cost=(\d{1,9}(\.\d*)?|\.\d+))$"
)


def check_rule(rule: str) -> None:
    """Raises InputError if a threshold rule is unknown."""
    if not _RULE.match(rule):
        raise InputError(
            "`threshold_rule` must be youden, f1, sensitivity=0.9 or specificity=0.9 (any share "
            "above 0, at most 1), net-benefit=0.2 (a threshold probability) or cost=10 (a miss "
            f"costs 10 false positives). Received: {rule}"
        )


def decision_thresholds(given: str) -> tuple[float, ...]:
    """Returns threshold probabilities from a text such as "0.1,0.2".

    Raises:
        InputError: One of them is not a number above 0 and below 1.
    """
    try:
        found = tuple(float(part) for part in given.split(","))
    except ValueError:
        found = ()
    if not found or not all(0 < threshold < 1 for threshold in found):
        raise InputError(
            "`decision_thresholds` must be threshold probabilities above 0 and below 1, separated "
            f"by commas. Received: {given}"
        )
    return found


@dataclass(frozen=True, kw_only=True)
class Options(Evaluation):
    """Options of a comparison: those of `Evaluation`, and the findings.

    Attributes:
        findings: "all" (those that the reference and all models have), "competition", or names.
    """

    findings: str | Sequence[str] = "all"

    def __post_init__(self) -> None:
        """Checks every option.

        Raises:
            InputError: A value is not one of the choices, or is out of range.
        """
        check(Evaluation, **dataclasses.asdict(self))
        check_rule(self.chosen_rule)
        decision_thresholds(self.decision_thresholds)

    def has_scores(self, model: str) -> bool:
        """Returns whether the files of a model have scores of any range, not probabilities."""
        return self.scores if isinstance(self.scores, bool) else model in self.scores

    @property
    def roc_points(self) -> RocPoints:
        """Where the ROC curve is read."""
        return RocPoints(self.fixed_specificity, self.fixed_sensitivity, self.partial_rate)

    @property
    def chosen_margin(self) -> float:
        """The given margin of the AUROC, or the default."""
        return DEFAULT_MARGIN if self.margin is None else self.margin

    @property
    def chosen_rule(self) -> str:
        """The given threshold rule, or "youden" by default."""
        return "youden" if self.threshold_rule is None else self.threshold_rule

    @property
    def thresholds_of_decisions(self) -> tuple[float, ...]:
        """The decision thresholds as numbers."""
        return decision_thresholds(self.decision_thresholds)

    @property
    def rule(self) -> tuple[str, float]:
        """The name of the threshold rule in `evaluation.operating`, and its target."""
        name, _, target = self.chosen_rule.partition("=")
        if name == "cost":
            return "net_benefit", 1 / (1 + float(target))
        named = {"f1": "max_f1", "net-benefit": "net_benefit"}
        return named.get(name, name), float(target or 1.0)
