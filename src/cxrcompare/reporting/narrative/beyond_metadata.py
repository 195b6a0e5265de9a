"""Sentences on whether networks add to metadata, from the test of both against metadata alone."""

from __future__ import annotations

from cxrcompare.comparison.row_types.main_rows import AddedToMetadataRow
from cxrcompare.reporting.results import further_results, numbers
from cxrcompare.reporting.results.lookup import Results


def sentences(results: Results, quality: str, added: bool = True) -> list[str]:
    """Returns which networks add significantly to metadata, and which do not.

    Args:
        results: The comparison.
        quality: The name of the headline metric, as text.
        added: Whether to name the networks that add to metadata too.
    """
    tested = [row for row in further_results.added(results, results.scope) if _tested(row)]
    found = []
    for significant in (True, False) if added else (False,):
        chosen = [row for row in tested if _adds(results, row) == significant]
        if not chosen:
            continue
        names = numbers.listed([row.model for row in chosen])
        if significant:
            verb = "adds" if len(chosen) == 1 else "add"
        else:
            verb = "does not add" if len(chosen) == 1 else "do not add"
        combined = sorted(
            {numbers.decimal(row.auroc_combined) for row in chosen if row.auroc_combined}
        )
        span = " to ".join(dict.fromkeys((combined[0], combined[-1])))
        found.append(
            f"{names} {verb} significantly to metadata in {quality} (metadata alone: "
            f"{numbers.decimal(chosen[0].auroc_metadata)}; with the network: {span})."
        )
    return found


def lines(results: Results, name: str) -> tuple[list[str], list[str]]:
    """Returns a network's strengths and limitations beside metadata, at most one sentence."""
    for row in further_results.added(results, results.scope):
        if row.model == name and _tested(row):
            detail = (
                f"difference {numbers.decimal(row.difference)}, "
                f"{numbers.interval(row.low, row.high)}; adjusted {numbers.p_value(row.p_adjusted)}"
            )
            if _adds(results, row):
                return [f"Adds significantly to metadata in AUROC ({detail})."], []
            return [], [f"Does not add significantly to metadata in AUROC ({detail})."]
    return [], []


def _tested(row: AddedToMetadataRow) -> bool:
    return numbers.defined(row.p_adjusted)


def _adds(results: Results, row: AddedToMetadataRow) -> bool:
    return (row.difference or 0) > 0 and numbers.number(row.p_adjusted) < results.alpha
