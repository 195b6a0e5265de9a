"""Recomputes the result of a bundle and says what differs from the stored one."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cxrcompare import environment
from cxrcompare.comparison.bundle.bundle_description import RESULT, Description, Role
from cxrcompare.comparison.bundle.unpacking import unpack
from cxrcompare.comparison.compare import compare
from cxrcompare.comparison.result.comparison import read

TOLERANCE = 1e-9
"""The largest difference of two numbers that is rounding: absolute, or relative above 1."""

_NOT_COMPUTED = ("protocol", "training", "models")
"""Parts of a result that have facts from outside the input files: machine, runs, their cost."""


class Part(NamedTuple):
    """A table of the result against the stored one.

    Attributes:
        name: The name of the table.
        values: The number of numbers and texts.
        unequal: How many are not equal to the last bit.
        largest: The largest difference of two numbers, absolute, or relative above 1.
        different: The first values that differ by more than `TOLERANCE`, "path: stored, computed".
    """

    name: str
    values: int
    unequal: int
    largest: float
    different: list[str]


@dataclass(frozen=True)
class Verification:
    """The outcome of a verification.

    Attributes:
        description: The description of the bundle; its hashes were right.
        parts: The tables of the result.
        versions: Packages with another version here: {name: (there, here)}.
    """

    description: Description
    parts: list[Part]
    versions: dict[str, tuple[str, str]]

    @property
    def different(self) -> list[str]:
        """The first values of each part that differ by more than the tolerance."""
        return [f"{part.name}{one}" for part in self.parts for one in part.different]

    @property
    def words(self) -> str:
        """One line: equal to the last bit, equal within the tolerance, or different."""
        values = sum(part.values for part in self.parts)
        unequal = sum(part.unequal for part in self.parts)
        if self.different:
            return f"different: {unequal:,} of {values:,} values"
        if not unequal:
            return f"all {values:,} values are equal to the last bit"
        largest = max(part.largest for part in self.parts)
        return (
            f"equal within rounding: {unequal:,} of {values:,} values differ, by {largest:.1e} at "
            f"most (tolerance {TOLERANCE:g})"
        )


def verify(bundle: Path, labels: Sequence[Path] = ()) -> Verification:
    """Checks the hashes of a bundle, compares its inputs again, and compares the results.

    Args:
        bundle: The archive.
        labels: Files that the bundle does not include, recognised by their hash.

    Raises:
        InputError: It is not a bundle, a file was changed or is missing, or it cannot be compared.
    """
    with tempfile.TemporaryDirectory(prefix="cxrcompare-bundle-") as name:
        folder = Path(name)
        description = unpack(bundle, folder, labels)
        read(folder / RESULT)
        stored = json.loads((folder / RESULT).read_bytes())
        computed = _computed(description, folder)
    skipped = {*_NOT_COMPUTED}
    if any(not one.included for one in description.files):
        skipped.add("disagreements")
    parts = [_part(key, stored.get(key), computed[key]) for key in computed if key not in skipped]
    return Verification(description, parts, _versions(description))


def _computed(description: Description, folder: Path) -> dict[str, Any]:
    def paths(role: Role) -> list[Path]:
        return [folder / one.member for one in description.of(role)]

    def one(role: Role) -> Path | None:
        return next(iter(paths(role)), None)

    thresholds, standards = one("thresholds"), paths("reference")
    found = compare(
        paths("predictions"),
        standards if len(standards) > 1 else standards[0],
        validation=paths("validation"),
        validation_reference=one("validation_reference"),
        readers=paths("readers"),
        subgroups=one("subgroups"),
        thresholds=description.thresholds if thresholds is None else str(thresholds),
        second_reference=one("second_reference"),
        labeller_rates=one("labeller_rates"),
        options=description.chosen_in(folder),
    )
    path = folder / "computed.json"
    found.write(path)
    computed: dict[str, Any] = json.loads(path.read_bytes())
    return computed


def _versions(description: Description) -> dict[str, tuple[str, str]]:
    here = environment.versions()
    return {
        name: (version, here.get(name, "none"))
        for name, version in description.versions.items()
        if here.get(name) != version
    }


def _part(name: str, stored: Any, computed: Any) -> Part:
    values, unequal, largest = 0, 0, 0.0
    different: list[str] = []
    for where, one, other in _pairs(stored, computed):
        values += 1
        if type(one) is type(other) and one == other:
            continue
        unequal += 1
        gap = _gap(one, other)
        largest = max(largest, gap) if math.isfinite(gap) else largest
        if gap > TOLERANCE and len(different) < 3:
            different.append(f"{where}: stored {one!r:.60}, computed {other!r:.60}")
    return Part(name, values, unequal, largest, different)


def _pairs(one: Any, other: Any, where: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yields the path and both values of every leaf; a part that only one has is a leaf."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for key in one:
            yield from _pairs(one[key], other[key], f"{where}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from _pairs(*pair, f"{where}[{index}]")
    else:
        yield where, one, other


def _gap(one: Any, other: Any) -> float:
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in (one, other)):
        return math.inf
    return abs(one - other) / max(1.0, abs(one))
