"""Serious warnings on the first screen."""

from cxrcompare.reporting.narrative import serious_warnings


def test_serious_warnings_come_first_and_are_counted() -> None:
    warnings = {
        "ties": ["a · Edema: ties"],
        "no_validation": ["no validation predictions: the threshold is 0.5."],
        "constant": ["a · Edema: gives every unit the same score", "b · Mass: the same"],
    }
    assert serious_warnings.lines(warnings) == [
        "a · Edema: gives every unit the same score (and 1 more, see Warnings).",
        "No validation predictions: the threshold is 0.5.",
    ]


def test_others_stay_in_their_section() -> None:
    assert serious_warnings.lines({"ties": ["x"]}) == []
