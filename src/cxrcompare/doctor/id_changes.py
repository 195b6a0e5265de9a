"""Known changes of ids: each maps the ids of both files to a form in which they may agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

Change = Callable[[list[str], int], list[str]]

_EXTENSION = re.compile(
    r"\.(png|jpe?g|dcm|dicom|tiff?|bmp|gif|webp|npy|npz|nii(\.gz)?|pgm|jp2)$", re.IGNORECASE
)


def parts(name: str) -> list[str]:
    """Returns the folders and the name of a path with slashes or backslashes."""
    return [part for part in re.split(r"[\\/]+", name) if part not in ("", ".")] or [name]


def _last_parts(names: list[str], depth: int) -> list[str]:
    return ["/".join(parts(name)[-depth:]) for name in names]


def _no_extension(names: list[str], _: int) -> list[str]:
    return [_EXTENSION.sub("", name) or name for name in names]


def _no_decimals(names: list[str], _: int) -> list[str]:
    return [re.sub(r"^(\d+)\.0+$", r"\1", name) for name in names]


def _common_start(names: list[str]) -> str:
    """Returns the longest common start that does not cut a number; empty for fewer than two."""
    if len(names) < 2:
        return ""
    low, high = min(names), max(names)
    differ = (k for k, (a, b) in enumerate(zip(low, high, strict=False)) if a != b)
    return low[: next(differ, len(low))].rstrip("0123456789")


def _no_prefix(names: list[str], _: int) -> list[str]:
    common = _common_start(names)
    return [name[len(common) :] for name in names] if common not in names else names


def _no_suffix(names: list[str], _: int) -> list[str]:
    backwards = [name[::-1] for name in names]
    common = _common_start(backwards)
    if not common or common in backwards:
        return names
    return [name[: -len(common)] for name in names]


def _no_zeros(names: list[str], _: int) -> list[str]:
    return [re.sub(r"(?<!\d)0+(?=\d)", "", name) for name in names]


def _one_case(names: list[str], _: int) -> list[str]:
    return [name.casefold() for name in names]


CHANGES: dict[str, Change] = {
    "leading folders": _last_parts,
    "file extension": _no_extension,
    "decimals of a whole number": _no_decimals,
    "common prefix": _no_prefix,
    "common suffix": _no_suffix,
    "zero padding": _no_zeros,
    "upper and lower case": _one_case,
}
"""By name, in the order in which they are applied."""


def changed(
    first: Sequence[str], second: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], list[str], list[str]]]:
    """Yields (names of changes, ids of the first file, ids of the second), fewest changes first.

    Changes that alter no id of either file are left out.

    Args:
        first: Ids.
        second: Ids of the other file.
    """
    one, other = list(first), list(second)
    depth = min(len(parts(name)) for name in (*one, *other))
    active = [
        name
        for name, change in CHANGES.items()
        if name.startswith("common") or change(one, depth) != one or change(other, depth) != other
    ]
    for count in range(len(active) + 1):
        for names in combinations(active, count):
            left, right = one, other
            useful = True
            for name in names:
                before = left, right
                left, right = CHANGES[name](left, depth), CHANGES[name](right, depth)
                useful &= (left, right) != before
            if useful:
                yield names, left, right
