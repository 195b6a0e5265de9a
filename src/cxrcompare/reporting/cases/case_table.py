"""The cases of a comparison as Markdown: a table of ids, scores and calls, without images."""

from __future__ import annotations

from pathlib import Path

from cxrcompare.cases import CASES
from cxrcompare.cases.case_file import CaseFile, ShownCase, ShownNetwork, read_cases
from cxrcompare.cases.selecting import DEPTH_WORDS, RULES
from cxrcompare.reporting.formats import markdown
from cxrcompare.reporting.results import numbers

_LABELS = {1: "positive", 0: "negative", None: "unknown"}


def of_folder(folder: Path) -> list[str]:
    """Returns the part of a report on the cases of a comparison's folder; empty without cases.

    Args:
        folder: The folder, which may have the file `cases.json`.

    Raises:
        InputError: The file is damaged.
    """
    path = folder / CASES
    return part(read_cases(path)) if path.is_file() else []


def part(cases: CaseFile) -> list[str]:
    """Returns the paragraphs: heading, rules, and a row for each case."""
    if not cases.cases:
        return []
    used = [rule for rule in RULES if any(one.rule == rule for one in cases.cases)]
    left_out = f" {cases.left_out} more cases are left out." if cases.left_out else ""
    head = ("Finding", "Rule", "Image", "Sex", "Age", "View", "Reference")
    return [
        "## Cases",
        "Images of the test set, selected by rule and not by hand: at most "
        f"{cases.at_most} for each rule and finding.{left_out} The page shows them with maps. A "
        "cell of a network has its probability, the threshold in brackets, and its call.",
        "\n".join(f"- **{title}**: {words}" for title, words in (RULES[rule] for rule in used)),
        DEPTH_WORDS,
        markdown.table(
            (*head, *(one.name for one in cases.networks)),
            [_row(cases, one) for one in cases.cases],
            len(head),
        ),
    ]


def _row(cases: CaseFile, case: ShownCase) -> list[str]:
    image = cases.images[case.image]
    return [
        cases.findings[case.finding],
        RULES[case.rule][0],
        image.id,
        image.sex or numbers.UNDEFINED,
        numbers.UNDEFINED if image.age is None else f"{image.age:g}",
        image.view or numbers.UNDEFINED,
        _LABELS[case.label],
        *(
            _call(network, score, case.finding)
            for network, score in zip(cases.networks, case.scores, strict=True)
        ),
    ]


def _call(network: ShownNetwork, score: float, finding: int) -> str:
    limit = network.thresholds[finding]
    if limit is None:
        return f"{score:.3f}"
    return f"{score:.3f} ({limit:.3f}) {'positive' if score >= limit else 'negative'}"
