"""Reporting checklists: filled in only from what the comparison states."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.narrative import checklist
from cxrcompare.reporting.narrative.checklist_items import CLAIM, TRIPOD
from cxrcompare.reporting.results.lookup import Results


def test_checklists_state_only_what_is_known(make_comparison: Callable[..., Comparison]) -> None:
    plain_one = make_comparison(findings=("Edema",), data=None, versions={}, hardware=None)
    tripod, claim = checklist.checklists(Results(plain_one))
    assert len(claim.lines) == 44
    assert {line.item for line in tripod.lines} >= {str(n) for n in (1, 2, 4, 10, 11, 22, 26)}
    by_item = {line.item: line.reported for line in tripod.lines}
    assert by_item["17"] == by_item["18a"] == "not stated"
    assert by_item["5a"].startswith("not stated") or "synthetic" in by_item["5a"]
    assert "Edema: " in by_item["21"]
    assert tripod.filled == sum(here != "not stated" for here in by_item.values())


def lines_of(comparison: Comparison) -> dict[str, str]:
    """Returns {requirement key: what is reported} of both checklists."""
    found = checklist.checklists(Results(comparison))
    items = (*TRIPOD, *CLAIM)
    lines = [line for one in found for line in one.lines]
    return {key: line.reported for (_, _, key), line in zip(items, lines, strict=True) if key}


def test_every_key_of_an_item_is_filled_by_a_function() -> None:
    keys = {key for _, _, key in (*TRIPOD, *CLAIM) if key}
    assert keys == set(checklist._REPORTED)
    for items in (TRIPOD, CLAIM):
        assert len({item for item, _, _ in items}) == len(items)


def test_settings_shared_by_every_network_are_said_once(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema",))
    assert lines_of(plain)["weights"] == "weights: imagenet, every network"
    costs = [row["cost"] for row in plain.models if row["kind"] == "network"]
    costs[1]["weights"] = "none"
    assert lines_of(plain)["weights"] == "a: imagenet; b: none"
    costs[1]["weights"] = None
    assert lines_of(plain)["weights"] == "a: imagenet"
    costs[0]["weights"] = None
    assert lines_of(plain)["weights"] == checklist.NOT_STATED


def test_events_performance_and_agreement_by_hand(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema",), readers=3, split="by hand")
    plain.counts["positives"], plain.counts["negatives"] = 1, 1199
    plain.agreement["kappa"] = [0.4, 0.7, float("nan")]
    here = (plain.metrics["model"] == "a") & (plain.metrics["metric"] == "auroc")
    for column, value in (("value", 0.85), ("low", 0.8), ("high", 0.9)):
        plain.metrics.loc[here, column] = value
    found = lines_of(plain)
    assert found["aim"] == "evaluation of one network on 1 finding"
    assert found["events"] == "Edema: 1 positive of 1,200"
    assert found["performance"].endswith(": a 0.850 (0.800 to 0.900)")
    assert found["agreement"] == "pairwise kappa 0.400 to 0.700"
    assert found["disjoint"] == checklist.NOT_STATED  # the split does not say so
    disjoint = {**plain.protocol, "split": "test, disjoint by patient"}
    entries = lines_of(dataclasses.replace(plain, protocol=disjoint))
    assert entries["disjoint"] == "split: test, disjoint by patient"
