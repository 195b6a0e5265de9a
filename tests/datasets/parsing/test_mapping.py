from __future__ import annotations

import importlib
from pathlib import Path

import numpy as np
import pytest

from cxrcompare import datasets, findings
from cxrcompare.datasets.parsing import mapping
from cxrcompare.datasets.parsing.mapping import Rule

NAN = np.nan
DOCS = Path(__file__).parents[3] / "docs" / "datasets.md"
MAPPED = [
    name
    for name in datasets.names()
    if hasattr(importlib.import_module(f"cxrcompare.datasets.{name}"), "MAPPING")
]


def _rules(name: str) -> tuple[Rule, ...]:
    return importlib.import_module(f"cxrcompare.datasets.{name}").MAPPING


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (1, 0, 1),
        (1, NAN, 1),
        (1, -1, 1),
        (-1, 0, -1),
        (-1, NAN, -1),
        (0, 0, 0),
        (0, NAN, NAN),
        (NAN, NAN, NAN),
    ],
)
def test_combine_two_labels_in_either_order(first, second, expected):
    rules = (Rule("a", "Edema", ""), Rule("b", "Edema", ""), Rule("c", None, ""))
    for one, other in ((first, second), (second, first)):
        states = {"a": np.array([one]), "b": np.array([other]), "c": np.array([1.0])}
        combined = mapping.combine(rules, states)
        assert list(combined) == ["Edema"]
        np.testing.assert_array_equal(combined["Edema"], [expected])


def test_blank_parents_by_hand():
    # Pneumonia is a child of Consolidation, which is a child of Lung Opacity.
    before = {
        "Lung Opacity": np.array([0.0, 1.0, 0.0, NAN, 0.0]),
        "Consolidation": np.array([0.0, 0.0, 0.0, 0.0, -1.0]),
        "Pneumonia": np.array([1.0, 1.0, 0.0, 1.0, 0.0]),
    }
    after = mapping.blank_parents(before)
    np.testing.assert_array_equal(after["Lung Opacity"], [NAN, 1.0, 0.0, NAN, 0.0])
    np.testing.assert_array_equal(after["Consolidation"], [NAN, NAN, 0.0, NAN, -1.0])
    np.testing.assert_array_equal(after["Pneumonia"], before["Pneumonia"])
    np.testing.assert_array_equal(before["Consolidation"], [0.0, 0.0, 0.0, 0.0, -1.0])


@pytest.mark.parametrize("name", MAPPED)
def test_every_rule_names_a_finding_of_the_vocabulary_and_a_reason(name):
    rules = _rules(name)
    assert {rule.finding for rule in rules} <= {*findings.KNOWN, None}
    assert all(rule.label and rule.reason for rule in rules)
    pairs = [(rule.label, rule.finding) for rule in rules]
    assert len(set(pairs)) == len(pairs)
    unmapped = {rule.label for rule in rules if rule.finding is None}
    assert not unmapped & {rule.label for rule in rules if rule.finding}


@pytest.mark.parametrize("name", MAPPED)
def test_the_document_has_the_table(name):
    text = DOCS.read_text()
    for rule in _rules(name):
        assert f"| {rule.label} | {rule.finding or 'none'} | {rule.reason} |" in text


def test_the_document_has_every_data_set():
    text = DOCS.read_text()
    for name, title, source, terms in datasets.describe():
        assert f"| `{name}` | {title} | {source} | {terms} |" in text


def test_there_are_mappings():
    assert MAPPED == ["padchest", "vindr"]
