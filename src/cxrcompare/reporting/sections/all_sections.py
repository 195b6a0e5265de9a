"""All sections of the report that have content, in order."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import (
    calibration_section,
    decision_section,
    disagreement_section,
    fairness_section,
    operating_section,
    pooling_section,
    reader_panel_section,
    reference_section,
    site_section,
)
from cxrcompare.reporting.sections.localisation import localisation_section
from cxrcompare.reporting.sections.section import Section

_MAKERS = (
    decision_section.section,
    operating_section.section,
    calibration_section.section,
    reader_panel_section.section,
    fairness_section.section,
    localisation_section.section,
    site_section.section,
    reference_section.section,
    pooling_section.section,
    disagreement_section.section,
)


_MADE: WeakKeyDictionary[Results, list[Section]] = WeakKeyDictionary()


def sections(results: Results) -> list[Section]:
    """Returns the sections that have content; they are made once."""
    if results not in _MADE:
        _MADE[results] = [found for make in _MAKERS if (found := make(results)) is not None]
    return _MADE[results]


def lines(results: Results) -> list[str]:
    """Returns the first sentence of each section, for the terminal."""
    found = sections(results)
    return [f"{one.title.lower()}: {one.sentences[0]}" for one in found if one.sentences]
