"""Next steps: each follows from the numbers of the comparison."""

from __future__ import annotations

from collections.abc import Callable

from cxrcompare.reporting.narrative import next_steps
from cxrcompare.reporting.results.lookup import Results


def test_next_steps_depend_on_the_numbers(results_of: Callable[..., Results]) -> None:
    pair = {("a", "b"): 0.3}
    real = next_steps.next_steps(results_of({"a": 0.9, "b": 0.9}, pair, synthetic=False, seeds=3))
    assert not any("synthetic" in step or "one seed" in step for step in real)
    drawn = next_steps.next_steps(results_of({"a": 0.9, "b": 0.9}, pair, synthetic=True, seeds=1))
    assert any("synthetic" in step for step in drawn)
    assert any("one seed" in step for step in drawn)
    without = next_steps.next_steps(results_of({"a": 0.9}, {}, thresholds_source="none"))
    assert any(step.startswith("There are no thresholds") for step in without)
