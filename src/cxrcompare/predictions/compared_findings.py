"""The findings that are compared: those that the reference and all models have, or those named."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from cxrcompare import findings as vocabulary
from cxrcompare.errors import InputError
from cxrcompare.predictions.columns import finding_key
from cxrcompare.predictions.studies import Note
from cxrcompare.predictions.table import Predictions, Reference


def choose_findings(
    predictions: Sequence[Predictions], reference: Reference, choice: str | Iterable[str]
) -> tuple[tuple[str, ...], list[Note]]:
    """Returns the findings that are compared, and warnings of what is left out.

    Args:
        predictions: One table per run.
        reference: The reference standard.
        choice: See `align`.

    Raises:
        InputError: A model lacks a finding, or has a column that is none; or none is left.
    """
    in_reference = {finding_key(name) for name in reference.findings}
    for one in predictions:
        for name in one.findings:
            if vocabulary.canonical(name) is None and finding_key(name) not in in_reference:
                raise InputError(_unknown_finding(one, name, reference))
        for name, error in one.text.items():
            if finding_key(name) in in_reference:
                raise InputError(error)
    predicted = {finding_key(name) for one in predictions for name in one.findings}
    notes = []
    if choice == "all":
        chosen = tuple(name for name in reference.findings if finding_key(name) in predicted)
        excluded = [name for name in reference.findings if finding_key(name) not in predicted]
        if excluded:
            text = f"no model predicts {', '.join(excluded)}: excluded"
            notes.append(Note("findings_left_out", text))
    else:
        chosen = vocabulary.select(choice, reference.findings)
    if not chosen:
        raise InputError(
            f"{reference.path}: must have a finding that the models predict "
            f"({', '.join(predictions[0].findings)}). Received: {', '.join(reference.findings)}"
        )
    for one in predictions:
        have = {finding_key(name) for name in one.findings}
        missing = [name for name in chosen if finding_key(name) not in have]
        if missing:
            raise InputError(
                f"{one.path}: must have a column for each compared finding. Missing: "
                f"{', '.join(missing)} (--findings selects the findings)"
            )
        notes += _excluded(one, in_reference)
    return chosen, list(dict.fromkeys(notes))


def _excluded(one: Predictions, in_reference: set[str]) -> list[Note]:
    notes = []
    extra = [name for name in one.findings if finding_key(name) not in in_reference]
    if extra:
        text = f"the reference has no {', '.join(extra)}: excluded"
        notes.append(Note("findings_left_out", text, one.name))
    if one.text:
        text = f"columns that are neither findings nor numbers: {', '.join(one.text)}: excluded"
        notes.append(Note("columns_left_out", text, one.name))
    return notes


def _unknown_finding(one: Predictions, name: str, reference: Reference) -> str:
    choices = [*reference.findings, *vocabulary.KNOWN]
    close = difflib.get_close_matches(name, choices, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return (
        f"{one.path}: row 1: a column must be an id, a known finding or a finding of the reference "
        f"({', '.join(reference.findings)}). Received: {name!r}{hint}"
    )


def columns_of(have: Sequence[str], chosen: Sequence[str]) -> list[int]:
    """Returns the column of each chosen finding in a table that has the findings `have`."""
    index = {finding_key(name): column for column, name in enumerate(have)}
    return [index[finding_key(name)] for name in chosen]
