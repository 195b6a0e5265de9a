"""Checklist items on further analyses: filled in if the tables have rows, and only then."""

import dataclasses

import pytest

from cxrcompare.reporting.narrative import checklist_analyses
from cxrcompare.reporting.narrative.checklist import NOT_STATED, checklists
from cxrcompare.reporting.results.lookup import Results

STATED = {
    ("TRIPOD+AI", "12d"): (("site_metrics",), "3 sites: A, B and C; differences pooled"),
    ("TRIPOD+AI", "12f"): (("recalibrated",), "logistic and isotonic"),
    ("TRIPOD+AI", "14"): (("subgroup_gaps",), "sex and hospital tested, margin 0.04"),
    ("TRIPOD+AI", "23b"): (("site_pooled",), "first minus second"),
    ("CLAIM 2024 Update", "31"): (("localisation",), "maps against regions of findings"),
}


def line(comparison, name, item):
    (one,) = (one for one in checklists(Results(comparison)) if one.name == name)
    return next(one.reported for one in one.lines if one.item == item)


@pytest.mark.parametrize("key", STATED)
def test_an_item_is_filled_in_exactly_if_its_table_has_rows(everything, key):
    tables, words = STATED[key]
    assert words in line(everything, *key)
    none = {table: getattr(everything, table).iloc[:0] for table in tables}
    assert line(dataclasses.replace(everything, **none), *key) == NOT_STATED


def test_ensembles_and_their_members(everything):
    assert "both: mean of probabilities of" in line(everything, "CLAIM 2024 Update", "27")
    alone = [row for row in everything.models if row["kind"] != "ensemble"]
    none = dataclasses.replace(everything, models=alone)
    assert line(none, "CLAIM 2024 Update", "27") == NOT_STATED


def test_robustness_has_each_sensitivity_analysis(everything):
    full = checklist_analyses.robustness(Results(everything))
    assert "a second reference standard; correction for error rates" in full
    second = dataclasses.replace(everything, label_correction=everything.label_correction.iloc[:0])
    assert "error rates" not in checklist_analyses.robustness(Results(second))


def test_sites_that_are_not_pooled(everything):
    none = dataclasses.replace(everything, site_pooled=everything.site_pooled.iloc[:0])
    assert checklist_analyses.sites(Results(none)).endswith("; not pooled")
