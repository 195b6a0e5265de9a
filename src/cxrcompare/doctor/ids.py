"""Finds the row or study of the reference for each row of the predictions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxrcompare.doctor.id_changes import changed, parts
from cxrcompare.doctor.problem import Problem
from cxrcompare.predictions import Rows

_ENOUGH = 0.9
"""Share of the ids of one file that a change must bring into agreement."""

_SHOWN = 3


@dataclass(frozen=True)
class Match:
    """Which id of the reference each row of the predictions belongs to.

    Attributes:
        studies: Whether `names` are studies of a reference with a row per image.
        names: (T,) distinct ids of the reference: of its rows, or of its studies.
        index: (N,) the position in `names` of each row of the predictions, -1 if there is none.
        unchanged: The number of `names` that are found without a change.
        changes: The changes that were necessary; empty if none was.
    """

    studies: bool
    names: np.ndarray
    index: np.ndarray
    unchanged: int
    changes: tuple[str, ...]

    @property
    def found(self) -> int:
        """The number of `names` with a row in the predictions."""
        return len(np.unique(self.index[self.index >= 0]))


def match(predictions: Rows, reference: Rows) -> Match:
    """Returns the match of most ids, with the fewest changes.

    The ids are first joined as `compare` joins them. If some remain on both sides, known changes
    are tried, alone and combined. A change counts if it keeps the ids of the reference distinct and
    brings 90 % of the ids of one of the files into agreement; of both, if studies are images.

    Args:
        predictions: The rows of the predictions.
        reference: The rows of the reference.
    """
    best = _unchanged(predictions, reference)
    if best.found == len(best.names) or (best.index >= 0).all():
        return best
    score = _score(best)
    for names, left, right, words, studies in _attempts(predictions, reference):
        if len(set(right)) < len(right):
            continue
        one = Match(studies, names, _look_up(left, right), best.unchanged, words)
        reached = _score(one)
        images = predictions.level == "study" and reference.level == "image" and not studies
        agreed = reached[1] if images else reached[0]  # studies may have the numbers of images
        if reached > score and agreed >= _ENOUGH:
            best, score = one, reached
    return best


def problems(found: Match, predictions: Rows, reference: Rows) -> list[Problem]:
    """Returns the problems of the ids: changed, missing or extra.

    Args:
        found: The match.
        predictions: The rows of the predictions.
        reference: The rows of the reference.
    """
    if not found.found:
        return [_studies_missing(predictions, reference) or _unknown(found, predictions)]
    listed = []
    if found.changes:
        listed.append(_changed(found, predictions))
    missing = np.setdiff1d(np.arange(len(found.names)), found.index)
    if len(missing):
        text = f"{len(missing)} of {len(found.names)} ids of the reference are not in the file."
        advice = (
            "Predict them too, or remove them from the reference: `compare` needs the same ids in "
            "all files. Many such ids mean that the files are of different splits or releases."
        )
        listed.append(
            Problem("ids_missing", text, (_examples(found.names[missing]),), advice=advice)
        )
    extra = predictions.ids[found.index < 0]
    if len(extra):
        text = f"{len(extra)} of {len(found.index)} rows are of ids that the reference lacks."
        listed.append(Problem("ids_extra", text, (_examples(extra),), repair="extra"))
    return listed


def studies_of_images(rows: Rows) -> np.ndarray:
    """Returns the study of each row, or its id if it has none, (N,)."""
    return np.where(rows.studies != "", rows.studies, rows.ids)


def _unchanged(predictions: Rows, reference: Rows) -> Match:
    """Joins as `compare` does: by row if both have images or both studies, else by study."""
    if predictions.level == reference.level:
        own, names = predictions.ids, reference.ids
    elif reference.level == "study":
        own, names = studies_of_images(predictions), reference.ids
    else:
        own, names = predictions.ids, pd.unique(studies_of_images(reference))
    index = _look_up(own.tolist(), names.tolist())
    count = len(np.unique(index[index >= 0]))
    by_study = predictions.level == "study" and reference.level == "image"
    return Match(by_study, names, index, count, ())


def _attempts(
    predictions: Rows, reference: Rows
) -> Iterator[tuple[np.ndarray, list[str], list[str], tuple[str, ...], bool]]:
    """Yields (ids of the reference, both files' changed ids, changes, whether ids are studies)."""
    targets = [(reference.ids, reference.level == "study", False)]
    if reference.level == "image" and (reference.studies != "").all():
        targets.append((pd.unique(reference.studies), True, True))
    for names, of_studies, studies in targets:
        images = of_studies and predictions.level == "image"  # several of a study
        for source, word in _sources(predictions, of_studies):
            for words, left, right in changed(source, names.tolist()):
                if images or len(set(left)) == len(left):
                    yield names, left, right, (*([word] if word else []), *words), studies


def _sources(rows: Rows, of_studies: bool) -> Iterator[tuple[list[str], str]]:
    """Yields ids of the predictions to look up, with a description of how they were derived."""
    ids = rows.ids.tolist()
    if of_studies and rows.level == "image" and (rows.studies != "").all():
        yield rows.studies.tolist(), ""
    yield ids, ""
    if not of_studies:
        return
    if all(len(parts(name)) > 1 for name in ids):
        yield [parts(name)[-2] for name in ids], "the study is the folder of the image"
    stems = [re.sub(r"[_-][^_\-]*$", "", parts(name)[-1]) for name in ids]
    if all(stem != parts(name)[-1] for stem, name in zip(stems, ids, strict=True)):
        yield stems, "the study is the image without its last part"


def _look_up(names: Sequence[str], known: Sequence[str]) -> np.ndarray:
    rows = {name: row for row, name in enumerate(known)}
    return np.array([rows.get(name, -1) for name in names])


def _score(one: Match) -> tuple[float, float, int]:
    """Returns what to maximise: shares of ids that agree, then few and specific changes."""
    names, own = one.found / len(one.names), float((one.index >= 0).mean())
    cost = sum(3 if change.startswith("common") else 2 for change in one.changes)
    return max(names, own), min(names, own), -cost


def _changed(found: Match, rows: Rows) -> Problem:
    row = int(np.argmax(found.index >= 0))
    text = f"The ids agree with the reference only after a change: {', '.join(found.changes)}."
    counted = (
        f"{found.unchanged} of {len(found.names)} ids of the reference are found as they are, "
        f"{found.found} after the change."
    )
    example = f"{rows.ids[row]!r} is {found.names[found.index[row]]!r} in the reference."
    return Problem("ids_changed", text, (counted, example), repair="ids")


def _studies_missing(rows: Rows, reference: Rows) -> Problem | None:
    """Returns the problem that a reference of images does not name the predicted studies."""
    if rows.level != "study" or reference.level != "image":
        return None
    known = set(rows.ids.tolist())
    for studies, word in _sources(reference, True):
        if word and sum(study in known for study in studies) >= _ENOUGH * len(studies):
            text = "The file has a row per study, and the reference a row per image without study."
            example = (
                f"{studies[0]!r} is in the file, {reference.ids[0]!r} in the reference: {word}."
            )
            advice = "Add a column `study_id` to the reference."
            return Problem("studies_missing", text, (example,), advice=advice)
    return None


def _unknown(found: Match, rows: Rows) -> Problem:
    text = "No id of the reference is in the file, and no known change of the ids helps."
    evidence = (
        f"The file has {_examples(rows.ids)}",
        f"The reference has {_examples(found.names)}",
    )
    advice = "Check that both files are of the same data set and split, and have the same ids."
    return Problem("ids_unknown", text, evidence, advice=advice)


def _examples(names: np.ndarray) -> str:
    shown = ", ".join(repr(str(name)[:80]) for name in names[:_SHOWN])
    return shown + (f" and {len(names) - _SHOWN} more." if len(names) > _SHOWN else ".")
