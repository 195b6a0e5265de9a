"""One module per data set: reads a data set's folder into an ImageTable.

Each module of this package is a data set; its name is the name that users type. The module defines
`DATASET`, a `DataSet`; no other file must change to add a data set. Another installed package can
register such a module by an entry point of the group `cxrcompare.datasets`.
"""

from __future__ import annotations

import importlib
import logging
import os
import pkgutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cxrcompare import identifiers
from cxrcompare.errors import InputError
from cxrcompare.filesystem import outside_links

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from cxrcompare.datasets.parsing.dataset import DataSet
    from cxrcompare.datasets.parsing.own_columns import OwnColumns
    from cxrcompare.image_table import ImageTable

logger = logging.getLogger(__name__)

GROUP = "cxrcompare.datasets"
"""The entry-point group with which other packages register data sets: a name and a module."""


def names() -> tuple[str, ...]:
    """Returns the names of the data sets that can be read; does not import their modules."""
    return tuple(sorted({*_own_names(), *(one.name for one in _registered())}))


def _own_names() -> frozenset[str]:
    return frozenset(
        module.name
        for module in pkgutil.iter_modules(__path__)
        if not module.ispkg and not module.name.startswith("_")
    )


def _registered() -> list[EntryPoint]:
    """Returns the data sets of other packages, without names that this package uses."""
    from importlib.metadata import entry_points

    own = _own_names()
    return [one for one in entry_points(group=GROUP) if one.name not in own]


def get(name: str) -> DataSet:
    """Returns the description and reader of a data set.

    Raises:
        InputError: No data set has that name, or the module of another package cannot be loaded.
    """
    if name in _own_names():
        dataset: DataSet = importlib.import_module(f"{__name__}.{name}").DATASET
        return dataset
    registered = [one for one in _registered() if one.name == name]
    if not registered:
        raise InputError(f"`dataset` must be one of {', '.join(names())}. Received: {name!r}")
    if len({one.value for one in registered}) > 1:
        modules = " and ".join(sorted(one.value for one in registered))
        raise InputError(f"the data set {name} must be of one package. Received: {modules}")
    return _load(registered[0])


def _load(point: EntryPoint) -> DataSet:
    from cxrcompare.datasets.parsing.dataset import DataSet

    try:
        found = point.load().DATASET
    except Exception as error:  # noqa: BLE001 - another package's code may raise anything
        found = error
    if not isinstance(found, DataSet):
        package = point.dist.name if point.dist else "a package"
        received = f"{type(found).__name__}: {found}" if isinstance(found, Exception) else found
        raise InputError(
            f"the data set {point.name} of {package} must be a module with DATASET, a DataSet "
            f"({point.value}). Received: {received}"
        )
    return found


def describe() -> list[tuple[str, str, str, str]]:
    """Returns the name, title, source and terms of each data set."""
    return [_described(name) for name in names()]


def _described(name: str) -> tuple[str, str, str, str]:
    try:
        one = get(name)
    except InputError as error:
        return name, f"cannot be loaded: {error}", "", ""
    return name, one.title, one.source, one.terms


def read(
    name: str | None,
    folder: str | os.PathLike[str],
    own: OwnColumns | None = None,
    findings: str | Sequence[str] = "all",
    follow_links: bool = False,
) -> ImageTable:
    """Returns the images of a data set with their metadata and label states.

    Args:
        name: A name of `names()`, or None to recognise the data set by its layout.
        folder: The data set's folder, or its parent.
        own: The columns of the user's own label file.
        findings: The requested findings; in the user's own label file, columns with these names
            are findings.
        follow_links: Whether symbolic links may lead out of the folder.

    Raises:
        InputError: The folder does not exist, its layout is not recognised, columns are given for a
            data set with known columns, a file differs from the published format, or a label file
            or image is behind a link that leads outside; the message names file and row, or link.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"the data set must be a folder. Received: {folder}")
    if (folder / "store.json").is_file():
        raise InputError(
            f"{folder}: must be the folder of a data set. Received: an image store, which `train`, "
            "`run` and `predict` read as it is"
        )
    linked = outside_links.leading_outside(folder, outside_links.label_files(folder))
    if not follow_links:
        outside_links.refuse(folder, linked)
    table = _table(name or recognise(folder), folder, own, findings)
    below = os.path.relpath(table.root.absolute(), folder.absolute())
    paths = table.rows["path"].tolist()
    if below != ".":
        paths = [f"{below}/{path}" for path in paths]
    linked |= outside_links.leading_outside(folder, paths)
    if not follow_links:
        outside_links.refuse(folder, linked)
    elif linked:
        logger.info("links: %s", outside_links.describe(folder, linked))
    return table


def _table(
    name: str, folder: Path, own: OwnColumns | None, findings: str | Sequence[str]
) -> ImageTable:
    dataset = get(name)
    if dataset.own_columns:
        from cxrcompare.datasets.parsing.own_columns import OwnColumns

        table: ImageTable = dataset.read(folder, (own or OwnColumns()).with_findings(findings))
        return table
    if own is not None and own.model_fields_set:
        given = ", ".join(sorted(own.model_fields_set))
        raise InputError(
            f"`columns` must not be given for a data set whose columns are known ({name}); "
            f"`--dataset folder` reads any CSV. Received: {given}"
        )
    return dataset.read(folder)


def decisions(table: ImageTable) -> list[str]:
    """Returns how patients and columns of a table were interpreted, as lines for the terminal."""
    notes = table.notes
    if table.patients_known:
        source = f" ({notes['patients']})" if "patients" in notes else ""
        lines = [f"patients: {table.rows['patient_id'].nunique():,}{source}"]
        lines += _doubts(table.rows["patient_id"].unique().tolist())
    else:
        lines = [f"patients: unknown; {notes.get('patients', 'each image counts as a patient')}"]
    columns = notes.get("finding_columns", {})
    named = (
        name if columns.get(name, name) == name else f"{name} (column {columns[name]})"
        for name in table.findings
    )
    lines.append(f"findings: {', '.join(named)}")
    if notes.get("columns_left_out"):
        lines.append(f"columns left out: {', '.join(notes['columns_left_out'])}")
    if notes.get("columns_like_findings"):
        lines.append(
            f"left out, but with values of findings: {', '.join(notes['columns_like_findings'])}; "
            "--findings NAME includes a column, --all-columns includes all"
        )
    return lines


def _doubts(patients: list[str]) -> list[str]:
    """Returns lines about ids that may be one patient, so that they may be in two splits."""
    lines = []
    nobody = [one for one in patients if identifiers.names_nobody(one)]
    if nobody:
        lines.append(f"patients: {', '.join(map(repr, nobody))} counts as one patient")
    twice = identifiers.same_patients(patients)
    if twice:
        shown = " and ".join(map(repr, twice[0]))
        lines.append(
            f"patients: {len(twice)} ids differ from another only in case, spaces, leading zeros "
            f"or a final .0 and count as other patients, such as {shown}"
        )
    return lines


def recognise(folder: str | os.PathLike[str]) -> str:
    """Returns the name of the data set whose layout the folder has.

    A layout that fits any table of images (`fallback`) is used only if no other layout fits.

    Raises:
        InputError: No layout fits, or more than one does.
    """
    folder = Path(folder)
    readable = dict(_readable())
    fitting = [name for name, one in readable.items() if one.recognise(folder)]
    chosen = [name for name in fitting if not readable[name].fallback] or fitting
    if len(chosen) != 1:
        what = " and ".join(chosen) if chosen else "none of these layouts"
        raise InputError(
            f"{folder}: must hold one data set in the layout of {', '.join(names())}; if it is not "
            f"recognised, name it with --dataset. Received: {what}"
        )
    return chosen[0]


def _readable() -> Iterator[tuple[str, DataSet]]:
    """Yields every data set; logs a warning for one of another package that cannot be loaded."""
    for name in names():
        try:
            yield name, get(name)
        except InputError as error:
            logger.warning("%s", error)
