"""Problem: one defect of a prediction file or of its reference, with the evidence."""

from __future__ import annotations

from dataclasses import dataclass

FAMILY = 0.05 / 4
"""Family-wise error rate of each of the four tests that use the labels: rows, shuffling, columns,
direction. Together they report a file without signal in at most 5 % of cases."""


@dataclass(frozen=True)
class Problem:
    """One defect.

    Attributes:
        code: Its short name.
        message: What is wrong, one sentence.
        evidence: Numbers and examples, one sentence each.
        repair: The repair of `doctor.repair` that corrects it; empty if none does.
        confirm: Whether the repair was chosen because it fits the labels, so that the user must
            confirm the cause.
        advice: What to do if there is no repair.
        note: Whether this may be intended; a note does not count as a problem.
    """

    code: str
    message: str
    evidence: tuple[str, ...] = ()
    repair: str = ""
    confirm: bool = False
    advice: str = ""
    note: bool = False
