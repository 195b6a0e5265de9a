"""ensemble: the combined predictions of several runs, as one more model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cxrcompare.comparison.ensembles.combination import combine
from cxrcompare.errors import InputError
from cxrcompare.options.declaration import check
from cxrcompare.options.evaluation import EnsembleRule, Evaluation
from cxrcompare.predictions import Predictions, read_predictions

if TYPE_CHECKING:
    from cxrcompare.predictions import TableSource

_MOST_NAMED = 5


def ensemble(
    members: Sequence[TableSource | Predictions],
    rule: EnsembleRule = Evaluation.ensemble_rule,
    *,
    name: str = "ensemble",
) -> Predictions:
    """Returns the combined predictions of several runs, for `compare` or `write_predictions`.

    Rows are joined by id. `compare(..., ensemble=...)` does the same inside a comparison, after it
    has combined the views of each study, and can choose the members on validation.

    Args:
        members: Two tables or more, with the same ids: files, data frames, dicts of arrays or
            `Predictions`.
        rule: What is averaged: "probabilities", "logits" or "ranks" (among the rows of each
            member; the scores of members may then have any range).
        name: The name of the ensemble as a model.

    Returns:
        The predictions of the findings that all members have, in the rows of the first member.

    Raises:
        InputError: A table is not valid, ids differ, or the members share no finding.
    """
    check(Evaluation, ensemble_rule=rule)
    if isinstance(members, str) or len(members) < 2:
        raise InputError("`members` must be a list of two tables or more. Received: fewer")
    scores = rule == "ranks"
    read: list[Predictions] = []
    for number, one in enumerate(members, 1):
        if isinstance(one, Predictions):
            if not (scores or one.probabilities):
                raise InputError(f"`rule` must be ranks for scores. Received: {rule}")
            read.append(one)
        else:
            like = read[0].rows if read else None
            read.append(read_predictions(one, scores=scores, label=f"member {number}", like=like))
    first = read[0]
    findings = tuple(f for f in first.findings if all(f in one.findings for one in read))
    if not findings:
        raise InputError("`members` must share a finding. Received: none that all have")
    values = np.stack([_values(one, first, findings) for one in read])
    combined = combine(values, rule, values)
    return Predictions(
        Path(f"<{name}>"),
        name,
        "",
        first.rows,
        findings,
        combined,
        stored=False,
        probabilities=not scores,
    )


def _values(one: Predictions, first: Predictions, findings: Sequence[str]) -> np.ndarray:
    """Returns the values of some findings in the order of the rows of `first`, (N, F)."""
    position = {identifier: row for row, identifier in enumerate(one.rows.ids.tolist())}
    wanted = first.rows.ids.tolist()
    missing = [identifier for identifier in wanted if identifier not in position]
    more = set(position).difference(wanted)
    if missing or more:
        listed = ", ".join([*missing, *sorted(more)][:_MOST_NAMED])
        raise InputError(
            f"{one.path}: must have the ids of {first.path}. Received: {len(missing)} missing and "
            f"{len(more)} other ids, e.g. {listed}"
        )
    columns = [one.findings.index(finding) for finding in findings]
    return one.values[[position[identifier] for identifier in wanted]][:, columns]
