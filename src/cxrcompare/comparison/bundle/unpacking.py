"""Reads a bundle from elsewhere: only the listed files, with limits, and with checked hashes."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from cxrcompare.comparison.bundle.bundle_description import (
    FILE,
    NOTES,
    RESULT,
    Description,
    Input,
    check_no_files,
    is_name,
)
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files

MOST_BYTES = 4 * 2**30
"""The largest size of all files of a bundle."""
_MOST_DESCRIBED = 16 * 2**20
_MOST_MEMBERS = 20_000


def unpack(bundle: Path, folder: Path, labels: Sequence[Path] = ()) -> Description:
    """Writes the inputs and the result of a bundle to an empty folder, with checked hashes.

    Nothing is written outside of the folder: the paths come from checked roles and names, and not
    from the archive. Files that the bundle does not include are taken from `labels` by their hash.

    Args:
        bundle: The archive.
        folder: An empty folder, which then has `comparison.json` and a file `role/name` per input.
        labels: Files that may be among those that the bundle does not include.

    Raises:
        InputError: It is not a bundle, a file is too large or was changed, or one is missing.
    """
    for path in (bundle, *labels):
        if not path.is_file():
            raise InputError(f"{path}: must be a file. Received: no such file")
    try:
        with zipfile.ZipFile(bundle) as archive:
            members = _members(bundle, archive)
            description = _description(
                bundle, _read(bundle, archive, members, FILE, _MOST_DESCRIBED)
            )
            _check(bundle, members, description)
            _unpack(bundle, archive, members, description, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
        raise InputError(
            f"{bundle}: must be a bundle of `cxrcompare bundle`. Received: another file"
        ) from error
    _add_labels(bundle, description, folder, labels)
    return description


def _members(bundle: Path, archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    found = archive.infolist()
    names = {one.filename: one for one in found}
    total = sum(one.file_size for one in found)
    if len(found) > _MOST_MEMBERS or total > MOST_BYTES:
        raise InputError(
            f"{bundle}: must have at most {_MOST_MEMBERS:,} files and {MOST_BYTES:,} bytes. "
            f"Received: {len(found):,} files and {total:,} bytes"
        )
    if len(names) < len(found):
        raise InputError(f"{bundle}: must have every file once. Received: a name twice")
    return names


def _description(bundle: Path, content: bytes) -> Description:
    try:
        description = Description.model_validate(json.loads(content))
        check_no_files(description.chosen)
    except (ValueError, ValidationError, TypeError, RecursionError) as error:
        words = str(error).splitlines()[0][:200]
        raise InputError(f"{bundle}: {FILE} must describe a bundle. Received: {words}") from error
    for one in description.files:
        if not is_name(one.name):
            raise InputError(f"{bundle}: {FILE} must have plain file names. Received: {one.name!r}")
    names = [one.member.lower() for one in description.files]
    if len(set(names)) < len(names):
        raise InputError(f"{bundle}: {FILE} must list every file once. Received: a name twice")
    for role in ("predictions", "reference"):
        if not any(one.role == role for one in description.files):
            raise InputError(f"{bundle}: {FILE} must list {role}. Received: none")
    return description


def _check(bundle: Path, members: dict[str, zipfile.ZipInfo], description: Description) -> None:
    expected = {FILE, RESULT, NOTES, *(one.member for one in description.files if one.included)}
    for problem, names in (
        ("without", expected - members.keys()),
        ("with other files,", members.keys() - expected),
    ):
        if names:
            raise InputError(
                f"{bundle}: must have exactly the files of {FILE}. Received: {problem} "
                f"{min(names)!r}"
            )


def _unpack(
    bundle: Path,
    archive: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    description: Description,
    folder: Path,
) -> None:
    result = _read(bundle, archive, members, RESULT, members[RESULT].file_size)
    (folder / RESULT).write_bytes(result)
    for one in description.files:
        path = folder / one.member
        path.parent.mkdir(parents=True, exist_ok=True)
        if one.included:
            content = _read(bundle, archive, members, one.member, one.size)
            if hashlib.sha256(content).hexdigest() != one.sha256:
                raise InputError(
                    f"{bundle}: {one.member} must have the hash of {FILE}. Received: another one"
                )
            path.write_bytes(content)


def _read(
    bundle: Path,
    archive: zipfile.ZipFile,
    members: dict[str, zipfile.ZipInfo],
    name: str,
    most: int,
) -> bytes:
    """Returns the content of a member, of which no more than the limit is decompressed."""
    if name not in members:
        raise InputError(f"{bundle}: must be a bundle with {name}. Received: an archive without it")
    with archive.open(members[name]) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise InputError(f"{bundle}: {name} must have at most {most:,} bytes. Received: more")
    return content


def _add_labels(
    bundle: Path, description: Description, folder: Path, labels: Sequence[Path]
) -> None:
    by_hash = {files.sha256(path): path for path in labels}
    for one in description.files:
        if one.included:
            continue
        if one.sha256 not in by_hash:
            raise InputError(
                f"{bundle}: does not include the {_words(one)}; `--labels` must have it. Received: "
                f"{f'{len(labels)} files, none' if labels else 'no file'} with SHA-256 {one.sha256}"
            )
        content = files.read_bytes(by_hash[one.sha256], MOST_BYTES)
        (folder / one.member).write_bytes(content)


def _words(one: Input) -> str:
    kind = {"readers": "reader's file", "subgroups": "table of subgroups"}
    return f"{kind.get(one.role, one.role.replace('_', ' '))} {one.name}"
