"""Reporting checklists: filled in only from what the comparison states."""

from __future__ import annotations

from collections.abc import Callable

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.narrative import checklist
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
