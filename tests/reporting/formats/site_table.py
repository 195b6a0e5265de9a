"""Made rows of `at_prevalence`: plain rates, extreme rates, and rates without an interval."""

from __future__ import annotations

from typing import NamedTuple

from cxrcompare.comparison.row_types.decision_rows import AtPrevalenceRow
from cxrcompare.evaluation.thresholds.site_rates import Costs, Estimated, at_site

NAN = float("nan")


class Rates(NamedTuple):
    """The rates of a network."""

    sensitivity: Estimated
    specificity: Estimated
    correlation: float


PLAIN = Rates(Estimated(0.7654321987, 0.6512, 0.8523), Estimated(0.91234567, 0.88, 0.94), -0.137)
PERFECT = Rates(Estimated(1.0, 0.93, 1.0), Estimated(1.0, 0.97, 1.0), 0.0)
NEVER = Rates(Estimated(0.0, 0.0, 0.06), Estimated(1.0, 1.0, 1.0), 0.0)
TIE = Rates(Estimated(0.875, 0.75, 0.9375), Estimated(0.8125, 0.75, 0.875), 0.5)
BARE = Rates(Estimated(0.6, NAN, NAN), Estimated(0.7, NAN, NAN), NAN)
GIVEN = {
    "Edema": {"a": PLAIN, "b": TIE, "c": PERFECT},
    "Mass": {"a": NEVER, "b": BARE, "c": PLAIN},
}
PREVALENCE = {"Edema": 0.0625, "Mass": 1 / 3}


def rows() -> list[AtPrevalenceRow]:
    """Returns the rows as a comparison has them."""
    return [
        AtPrevalenceRow(
            model, finding, PREVALENCE[finding], "test set", name, *one, rates.correlation
        )
        for finding, models in GIVEN.items()
        for model, rates in models.items()
        for name, one in quantities(rates, PREVALENCE[finding]).items()
    ]


def quantities(rates: Rates, prevalence: float, costs: Costs | None = None) -> dict[str, Estimated]:
    """Returns sensitivity, specificity and what follows from them."""
    both = {"sensitivity": rates.sensitivity, "specificity": rates.specificity}
    return both | at_site(*rates, prevalence, costs)
