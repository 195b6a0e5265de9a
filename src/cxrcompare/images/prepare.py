"""ImageTable -> ImageStore: decodes every image once, in parallel, and resumes killed runs."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from cxrcompare.environment import hardware
from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import locks, output_checks
from cxrcompare.image_table import ImageTable
from cxrcompare.images.decoding import resize
from cxrcompare.images.decoding.levels import PERCENTILE_RULE
from cxrcompare.images.description import FORMAT
from cxrcompare.images.preparation import Preparation, refuse_other_inputs, remove_temporary
from cxrcompare.images.sources import changed
from cxrcompare.images.store import ImageStore, open_store, table_text
from cxrcompare.options.declaration import check
from cxrcompare.options.image_commands import Prepare

__all__ = ["ImageStore", "open_store", "prepare"]

logger = logging.getLogger(__name__)

DECODING = {
    "grey": "a colour picture's luma (ITU-R BT.601); alpha ignored; EXIF orientation applied",
    "jpeg": "simplejpeg, at 1/8, 1/4 or 1/2 by DCT scaling where that is twice the size or more; "
    "CMYK by Pillow",
    "png": f"Pillow; 16 bits: {PERCENTILE_RULE}",
    "dicom": "pydicom; modality LUT or rescale; first VOI LUT, else first window, else 8 bits as "
    f"they are, else {PERCENTILE_RULE}, padding left out; padding black; MONOCHROME1 inverted",
}
_PACKAGES = (
    "numpy",
    "opencv-python-headless",
    "pillow",
    "pydicom",
    "pyjpegls",
    "pylibjpeg-openjpeg",
    "pylibjpeg-rle",
    "python-gdcm",
    "simplejpeg",
)

_NAMES = (
    "inputs.json",
    "journal.jsonl",
    "images.partial",
    "images.npy",
    "table.csv",
    "rejected.csv",
    "hashes.npy",
    "sources.npy",
    "near_duplicates.csv",
    "store.json",
    "preview.png",
)
"""All files that a store's folder can have, finished or not."""

_MARKS = {"store.json": None, "inputs.json": None, "journal.jsonl": "hashes"}
"""Every started store has at least one of these files."""


def prepare(
    table: ImageTable,
    out: str | os.PathLike[str],
    size: int = Prepare.size,
    *,
    workers: int | None = Prepare.workers,
    max_rejected: float = Prepare.max_rejected,
) -> ImageStore:
    """Decodes every image of a table into a store, or opens the finished store.

    The same call continues a killed run and gives the same bytes. Images that cannot be decoded
    are left out and listed in `rejected.csv`.

    Args:
        table: The images; their paths are below `table.root`.
        out: The store's folder: new, empty, or an unfinished or finished store of the same inputs.
        size: Side of the square images in pixels, 1 to 4096.
        workers: Number of decoding processes; by default one per core.
        max_rejected: The largest share of rejected images, 0 to 1, with which the job succeeds.

    Returns:
        The finished store.

    Raises:
        InputError: Too many images are rejected, another `prepare` is running on `out`, `out`
            contains something else, or an argument is out of range.
        JobError: The store cannot be written, e.g. the disk is full.
    """
    out = Path(out)
    _check(out, size, workers, max_rejected)
    inputs = _inputs(table, size)
    if (out / "store.json").is_file() and not (out / "journal.jsonl").exists():
        return _finished(out, table, inputs)
    try:
        with locks.locked(out / ".lock", out, "`prepare`"):
            if (out / "store.json").is_file():
                remove_temporary(out)
                return _finished(out, table, inputs)
            count = workers or hardware()["cores"] or 1
            Preparation(table, out, size, inputs).run(count, max_rejected)
    except OSError as error:
        raise JobError(
            f"{out}: the store cannot be written: {error.strerror or error}. "
            "The same command continues where this one stopped"
        ) from error
    return open_store(out)


def _check(out: Path, size: int, workers: int | None, max_rejected: float) -> None:
    check(Prepare, size=size, workers=workers, max_rejected=max_rejected)
    output_checks.check_continued(out, "image store", _NAMES, _MARKS)


def _inputs(table: ImageTable, size: int) -> dict[str, Any]:
    """Returns all inputs that determine the store's bytes; a run resumes only with equal inputs."""
    try:
        rows = table_text(table).encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{table.root}: ids and paths must be UTF-8. {error}") from error
    return {
        "format": FORMAT,
        "dataset": table.dataset,
        "source": table.root.resolve().name,
        "source_path": str(table.root.resolve()),
        "size": size,
        "findings": list(table.findings),
        "notes": json.loads(json.dumps(table.notes, default=_plain)),
        "resize": resize.RULE,
        "decoding": DECODING,
        "table_sha256": hashlib.sha256(rows).hexdigest(),
        "versions": dict(_versions()),
    }


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _versions() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue


def _finished(out: Path, table: ImageTable, inputs: dict[str, Any]) -> ImageStore:
    store = open_store(out)
    refuse_other_inputs(out, inputs, store.description, "a finished store")
    paths = table.rows["path"].tolist()
    rows = changed(table.root, paths, store.sources)
    if len(rows):
        logger.warning(
            "%s: files changed or deleted since they were read: %s (first: %s); the store keeps "
            "the earlier images. Remove the store or name another folder to read the files again",
            out,
            f"{len(rows):,}",
            paths[rows[0]],
        )
    here = {key: inputs[key] for key in ("source", "source_path")}
    return replace(store, description={**store.description, **here})
