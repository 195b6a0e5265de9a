"""Which columns of a user's own label file are findings, and which are left out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from cxrcompare import findings as vocabulary
from cxrcompare.datasets.parsing.label_file import LabelFile, label_state
from cxrcompare.datasets.parsing.own_columns import OwnColumns
from cxrcompare.errors import InputError


@dataclass(frozen=True)
class FindingColumns:
    """The findings of a label file.

    Attributes:
        headers: The column of each finding, by the finding's name, in the order of the findings.
        left_out: Headers of the columns that hold nothing that is read.
        like_findings: Those of `left_out` that look like findings with names that are not known.
    """

    headers: dict[str, str]
    left_out: tuple[str, ...]
    like_findings: tuple[str, ...]


def choose(labels: LabelFile, columns: OwnColumns, taken: Collection[str]) -> FindingColumns:
    """Returns what is a finding: what the user names, and what the vocabulary knows.

    Args:
        labels: The label file.
        columns: What the user says of its columns.
        taken: Headers that hold something else, such as the path.

    Raises:
        InputError: A column that the user names is not there, or there is no finding.
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
    return f"; name those that are findings with --findings ({', '.join(like)}) or --all-columns"


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

    A column of another kind may be named too: its first cell that is no label is then the error.
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
    """Returns whether most cells that are not blank are label states, and no other is a number.

    A column of 1, 0 and one "yes" is like a finding; a count or a grade is none.
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
