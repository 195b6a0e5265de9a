"""Known changes of ids: each maps the ids of both files to a form in which they may agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

Change = Callable[[list[str]], list[str]]
Changed = tuple[tuple[str, ...], list[str], list[str]]

FOLDERS = "leading folders"

_EXTENSION = re.compile(
    r"\.(png|jpe?g|dcm|dicom|tiff?|bmp|gif|webp|npy|npz|nii(\.gz)?|pgm|jp2)$", re.IGNORECASE
)


def parts(name: str) -> list[str]:
    """Returns the folders and the name of a path with slashes or backslashes."""
    return [part for part in re.split(r"[\\/]+", name) if part not in ("", ".")] or [name]


def _last_parts(depth: int, names: list[str]) -> list[str]:
    return ["/".join(parts(name)[-depth:]) for name in names]


def _no_extension(names: list[str]) -> list[str]:
    return [_EXTENSION.sub("", name) or name for name in names]


def _no_decimals(names: list[str]) -> list[str]:
    return [re.sub(r"^(\d+)\.0+$", r"\1", name) for name in names]


def _common_start(names: list[str]) -> str:
    """Returns the longest common start that does not cut a number; empty for fewer than two."""
    if len(names) < 2:
        return ""
    low, high = min(names), max(names)
    differ = (k for k, (a, b) in enumerate(zip(low, high, strict=False)) if a != b)
    return low[: next(differ, len(low))].rstrip("0123456789")


def _no_prefix(names: list[str]) -> list[str]:
    common = _common_start(names)
    return [name[len(common) :] for name in names] if common not in names else names


def _no_suffix(names: list[str]) -> list[str]:
    backwards = [name[::-1] for name in names]
    common = _common_start(backwards)
    if not common or common in backwards:
        return names
    return [name[: -len(common)] for name in names]


def _no_zeros(names: list[str]) -> list[str]:
    return [re.sub(r"(?<!\d)0+(?=\d)", "", name) for name in names]


def _one_case(names: list[str]) -> list[str]:
    return [name.casefold() for name in names]


CHANGES: tuple[tuple[str, Change], ...] = (
    ("file extension", _no_extension),
    ("decimals of a whole number", _no_decimals),
    ("common prefix", _no_prefix),
    ("common suffix", _no_suffix),
    ("zero padding", _no_zeros),
    ("upper and lower case", _one_case),
)
"""Changes with their names, in the order in which they are applied; FOLDERS is before them."""


def changed(first: Sequence[str], second: Sequence[str]) -> Iterator[Changed]:
    """Yields (names of changes, ids of the first file, ids of the second), fewest changes first.

    Each change is used at most once, in a fixed order, and only if it alters an id. Of paths, the
    last part, the last two, or as many as the shortest path of both files has are kept.

    Args:
        first: Ids.
        second: Ids of the other file.
    """
    shortest = min(len(parts(name)) for name in (*first, *second))
    folders = [(FOLDERS, partial(_last_parts, depth)) for depth in {1, 2, shortest}]
    known: list[tuple[str, Change]] = [*folders, *CHANGES]
    level: list[tuple[int, Changed]] = [(0, ((), list(first), list(second)))]
    while level:
        further = []
        for start, (names, left, right) in level:
            yield names, left, right
            for position in range(start, len(known)):
                name, change = known[position]
                if name in names:
                    continue
                one, other = change(left), change(right)
                if (one, other) != (left, right):
                    further.append((position + 1, ((*names, name), one, other)))
        level = further
