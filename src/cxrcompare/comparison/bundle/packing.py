"""Compares models and packs inputs, result, versions and command into one archive."""

from __future__ import annotations

import dataclasses
import json
import tempfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrcompare.comparison.bundle.bundle_description import (
    FILE,
    LABELS,
    NOTES,
    RESULT,
    Description,
    Input,
    Role,
    Sources,
    check_no_files,
    is_name,
)
from cxrcompare.comparison.compare import compare
from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files
from cxrcompare.predictions import run_name, split_name

_DATE = (1980, 1, 1, 0, 0, 0)
_NOTES = """A comparison of chest-radiograph classifiers, made by cxrcompare {version}.

bundle.json      options, versions, and the SHA-256 of every input
comparison.json  the result

Verify it with:  cxrcompare verify {name}{labels}
"""


def pack(
    sources: Sources,
    options: Options,
    out: Path,
    *,
    labels: bool = False,
    context: Mapping[str, Any] | None = None,
) -> Comparison:
    """Compares models and writes a bundle; the same inputs give the same bytes on one machine.

    Args:
        sources: The files.
        options: The options of the comparison; a file of prevalence joins the sources.
        out: The archive, a new file.
        labels: Whether to include the files on patients (`LABELS`). Otherwise the bundle has their
            hashes only, and the result has no table of single units.
        context: Facts that the files do not contain, see `compare`: command, title, data.

    Returns:
        The comparison.

    Raises:
        InputError: A file is not valid, or changed during the comparison.
    """
    if options.prevalence is not None:
        sources = sources._replace(prevalence=options.prevalence)
        options = dataclasses.replace(options, prevalence=None)
    check_no_files(options)
    facts = dict(context or {})
    listed = _listed(sources, labels)
    found = compare(
        sources.predictions,
        sources.reference if len(sources.reference) > 1 else sources.reference[0],
        validation=sources.validation,
        validation_reference=sources.validation_reference,
        readers=sources.readers,
        subgroups=sources.subgroups,
        thresholds=sources.thresholds,
        second_reference=sources.second_reference,
        labeller_rates=sources.labeller_rates,
        options=dataclasses.replace(options, prevalence=sources.prevalence),
        context=facts,
    )
    description = Description(
        format=1,
        command=facts.get("command"),
        versions=found.protocol["versions"] or {},
        options=json.loads(json.dumps(dataclasses.asdict(options))),
        thresholds=None if _is_file(sources.thresholds) else sources.thresholds,
        files=[one for one, _ in listed],
    )
    shown = found
    if not labels:
        shown = dataclasses.replace(found, disagreements=table("disagreements"))
    contents = _texts(description, shown, out.name)
    with files.replacing(out) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name in sorted(contents):
            _add(archive, name, contents[name])
        for one, path in sorted(listed, key=lambda pair: pair[0].member):
            content = path.read_bytes() if one.included else b""
            if files.sha256(path) != one.sha256:
                raise InputError(f"{path}: must not change during the comparison. Received: it did")
            if one.included:
                _add(archive, one.member, content)
    return found


def _texts(description: Description, result: Comparison, name: str) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / RESULT
        result.write(path)
        written = path.read_bytes()
    missing = any(not one.included for one in description.files)
    version = description.versions.get("cxrcompare", "")
    labels = " --labels FILE ..." if missing else ""
    notes = _NOTES.format(version=version, name=name, labels=labels)
    about: dict[str, Any] = description.model_dump()
    return {
        FILE: files.json_text(about).encode("utf-8"),
        RESULT: written,
        NOTES: notes.encode("utf-8"),
    }


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
    info.external_attr = 0o100644 << 16
    archive.writestr(info, content)


def _is_file(thresholds: str | None) -> bool:
    if thresholds is None:
        return False
    try:
        float(thresholds)
    except ValueError:
        return True
    return False


def _listed(sources: Sources, labels: bool) -> list[tuple[Input, Path]]:
    """Returns the description and the path of every input file.

    Raises:
        InputError: A name is not plain, or a file is missing.
    """
    by_role: dict[Role, Sequence[str]] = {
        "predictions": sources.predictions,
        "validation": sources.validation,
        "thresholds": [sources.thresholds or ""] if _is_file(sources.thresholds) else [],
        "labeller_rates": _one(sources.labeller_rates),
        "prevalence": _one(sources.prevalence),
        "reference": sources.reference,
        "second_reference": _one(sources.second_reference),
        "validation_reference": _one(sources.validation_reference),
        "readers": sources.readers,
        "subgroups": _one(sources.subgroups),
    }
    found: list[tuple[Input, Path]] = []
    for role, paths in by_role.items():
        count: Counter[str] = Counter()
        for path in map(Path, paths):
            name = _name(path) if role in ("predictions", "validation") else path.name
            if not is_name(name):
                raise InputError(f"{path}: must have a plain file name. Received: {name!r}")
            if not path.is_file():
                raise InputError(f"{path}: must be a file. Received: no such file")
            count[name.lower()] += 1
            one = Input(
                role=role,
                name=name,
                sha256=files.sha256(path),
                size=path.stat().st_size,
                included=labels or role not in LABELS,
                number=count[name.lower()],
            )
            found.append((one, path))
    return found


def _name(path: Path) -> str:
    """Returns a file name that names the run, also for `predictions/test.csv` of a run folder."""
    own = Path(path.name.removesuffix(".gz")).stem
    if run_name(path) == split_name(own):
        return path.name
    return f"{path.resolve().parts[-3]}{path.name.removeprefix(own)}"


def _one(path: str | None) -> list[str]:
    return [] if path is None else [path]
