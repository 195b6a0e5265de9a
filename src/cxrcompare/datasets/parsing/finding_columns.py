"""Selection of the finding columns of a user's own label file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cxrcompare import findings as vocabulary
from cxrcompare.datasets.parsing.label_file import LabelFile, label_state
from cxrcompare.datasets.parsing.own_columns import OwnColumns
from cxrcompare.errors import InputError


@dataclass(frozen=True)
class FindingColumns:
    """The finding columns of a label file.

    Attributes:
        headers: The column of each finding, by the finding's name, in the order of the findings.
        left_out: Headers of the columns that are not used.
        like_findings: Those of `left_out` whose values are label states, but with unknown names.
    """

    headers: dict[str, str]
    left_out: tuple[str, ...]
    like_findings: tuple[str, ...]


def choose(labels: LabelFile, columns: OwnColumns, taken: Collection[str]) -> FindingColumns:
    """Returns the finding columns: those that the user names and those of the vocabulary.

    Args:
        labels: The label file.
        columns: The columns that the user assigns.
        taken: Headers with another role, such as the path.

    Raises:
        InputError: A column that the user names does not exist, or there is no finding.
    """
    own = columns.values.states()
    chosen = {finding: _header(labels, header) for finding, header in columns.findings.items()}
    for name, header in labels.findings(without=chosen).items():
        if header not in taken and header not in chosen.values():
            chosen[name] = header
    like = [
        header
        for header in labels.frame.columns
        if header not in taken and header not in chosen.values() and _is_like(labels, header, own)
    ]
    for name in columns.other_findings:
        header = _named(labels, name, [*chosen.values(), *like])
        if header not in chosen.values():
            chosen[header] = header
    if columns.all_columns:
        chosen |= {header: header for header in like if header not in chosen.values()}
    rest = [
        header
        for header in labels.frame.columns
        if header not in taken and header not in chosen.values()
    ]
    like = [header for header in like if header in rest]
    if not chosen:
        raise InputError(
            f"{labels.path}: must have a column for a finding, with 1, 0, -1 or blank. "
            f"Received: {', '.join(labels.frame.columns)}" + _hint(like)
        )
    return FindingColumns(chosen, tuple(rest), tuple(like))


def _hint(like: list[str]) -> str:
    if not like:
        return ""
    return f"; name the findings with --findings ({', '.join(like)}) or use --all-columns"


def _header(labels: LabelFile, header: str) -> str:
    found = labels.column(header)
    if found is None:
        raise InputError(
            f"{labels.path}: `[columns.findings]` must name columns among "
            f"{', '.join(labels.frame.columns)}. Received: {header!r}"
        )
    return found


def _named(labels: LabelFile, name: str, choices: list[str]) -> str:
    """Returns the column of a finding that the user names.

    Its values are checked later: the first cell that is not a label state is an error.
    """
    same = (header for header in labels.frame.columns if vocabulary.same(header, name))
    header = labels.column(name) or next(same, None)
    if header is None:
        raise InputError(
            f"{labels.path}: `findings` must be all, competition or names among "
            f"{', '.join(dict.fromkeys(choices))}. Received: {name}"
        )
    return header


def _is_like(labels: LabelFile, header: str, own: dict[str, float]) -> bool:
    """Returns whether most non-blank cells are label states and no other cell is a number.

    A column of 1, 0 and one "yes" is like a finding; a column of counts or grades is not.
    """
    counts = labels.frame[header].str.strip().value_counts()
    states = others = 0
    for text, count in counts.items():
        if text == "":
            continue
        try:
            label_state(str(text), own)
            states += count
        except ValueError:
            if _is_number(str(text)):
                return False
            others += count
    return states > others


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
