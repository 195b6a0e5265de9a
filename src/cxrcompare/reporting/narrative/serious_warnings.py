"""The warnings that may change the decision: their first line, with the number of further ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_SERIOUS = (
    "swapped_columns",
    "identical",
    "identical_columns",
    "readers_are_reference",
    "copied_reader",
    "copied_reference",
    "validation_below_chance",
    "validation_exchanged",
    "validation_far_below",
    "validation_of_other_model",
    "near_duplicates",
    "study_under_two_patients",
    "training_units",
    "patient_spelling",
    "patient_placeholder",
    "not_above_chance",
    "one_sided_threshold",
    "small_probabilities",
    "sum_to_one",
    "same_rows",
    "patients_unknown",
    "unfinished",
    "constant",
    "seeds_differ",
    "analytic_disagrees",
    "few_replicates",
    "not_in_mean",
    "one_class",
    "no_validation",
)
"""The codes, the most serious first; `worse_than_chance` has a sentence of its own."""

_OF_ALL = frozenset(
    ("no_validation", "patients_unknown", "few_replicates", "patient_spelling", "copied_reference")
)
"""The codes whose warnings do not start with the name of a network or finding."""


def lines(warnings: Mapping[str, Sequence[str]]) -> list[str]:
    """Returns one line per serious kind of warning.

    Args:
        warnings: {code: the warnings with this code}.
    """
    found = []
    for code in _SERIOUS:
        listed = warnings.get(code, ())
        if listed:
            more = f" (and {len(listed) - 1} more, see Warnings)" if len(listed) > 1 else ""
            first = listed[0].rstrip(".")
            if code in _OF_ALL:
                first = first[:1].upper() + first[1:]
            found.append(f"{first}{more}.")
    return found
