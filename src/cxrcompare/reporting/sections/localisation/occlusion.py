"""Localisation of occlusion maps: where the output of a network falls if a part is grey."""

from __future__ import annotations

from cxrcompare.comparison.row_types.localisation_rows import (
    OCCLUSION_ENDING,
    LocalisationDifferenceRow,
    LocalisationRow,
)
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.sections.section import ShownTable, shown

KIND = "occlusion"
"""The kind of the rows of occlusion maps."""
VERDICTS = {"a_better": "first better", "b_better": "second better", "": numbers.UNDEFINED}
"""The verdicts of differences in words, if they are not the same word."""
_CENTRE = "image centre"
_METRIC = "map_auroc"


def is_of(row: LocalisationDifferenceRow) -> bool:
    """Returns whether a difference is of occlusion maps and a baseline of the same images."""
    return row.model_a.endswith(OCCLUSION_ENDING)


def sentences(headline: list[LocalisationDifferenceRow]) -> list[str]:
    """Returns a sentence on occlusion maps and the image centre; none without occlusion maps.

    Args:
        headline: The differences in map AUROC, mean over findings.
    """
    found = [row for row in headline if is_of(row) and row.model_b == _CENTRE]
    said = []
    for verdict, words in (
        ("a_better", "significantly better than"),
        ("b_better", "significantly worse than"),
        ("equivalent", "equivalent to"),
        ("undecided", "not proved to differ from"),
    ):
        names = [
            row.model_a.removesuffix(OCCLUSION_ENDING) for row in found if row.verdict == verdict
        ]
        if names:
            said.append(f"{words} the {_CENTRE} for {numbers.listed(names)}")
    return [f"If parts of images are occluded, localisation is {'; '.join(said)}."] if said else []


def by_finding(
    measures: list[LocalisationRow], differences: list[LocalisationDifferenceRow]
) -> tuple[ShownTable, ...]:
    """Returns the map AUROC of occlusion by finding, beside the image centre in the same images.

    Args:
        measures: The measures of all maps.
        differences: All differences.
    """
    against = {
        (row.model_a, row.finding): row
        for row in differences
        if row.metric == _METRIC and row.model_b == _CENTRE
    }
    return shown(
        f"Map AUROC of occlusion, and its difference from the {_CENTRE} in the same images",
        (
            "Maps of",
            "Finding",
            "Images",
            "Map AUROC",
            "Difference",
            "Interval",
            "Adjusted p",
            "Verdict",
        ),
        [
            (
                row.model,
                row.finding,
                numbers.count(row.images),
                numbers.with_interval(row.value, row.low, row.high, 2),
                *_beside(against.get((row.model, row.finding))),
            )
            for row in measures
            if row.kind == KIND and row.metric == _METRIC
        ],
        2,
    )


def _beside(row: LocalisationDifferenceRow | None) -> tuple[str, str, str, str]:
    if row is None:
        return (numbers.UNDEFINED,) * 4
    return (
        numbers.signed(row.difference),
        numbers.interval(row.low, row.high),
        numbers.p_value(row.p_adjusted),
        VERDICTS.get(row.verdict, row.verdict),
    )
