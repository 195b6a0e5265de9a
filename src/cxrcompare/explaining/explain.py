"""explain: maps of what trained networks see in images, as arrays, overlays and a page."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cxrcompare import progress
from cxrcompare.errors import InputError
from cxrcompare.explaining import page
from cxrcompare.explaining.loaded_networks import LoadedNetworks
from cxrcompare.explaining.map_files import write_maps
from cxrcompare.explaining.maps import Maps, compute
from cxrcompare.explaining.overlay_files import write_overlays
from cxrcompare.filesystem import files, output_folder
from cxrcompare.filesystem.disk_array import DiskArray
from cxrcompare.images.store import csv_text
from cxrcompare.options.declaration import check
from cxrcompare.options.image_commands import Explain, MapMethod
from cxrcompare.training.feeding.image_source import ImageSource, open_source
from cxrcompare.training.predict import finished_config

logger = logging.getLogger(__name__)

KIND = "explanation"


def explain(
    runs: Sequence[str | os.PathLike[str]],
    input: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    split: str = Explain.split,
    findings: Sequence[str] = Explain.findings,
    shown: int = Explain.shown,
    method: MapMethod = Explain.method,
    follow_links: bool = Explain.follow_links,
    also: Callable[[Path, list[Maps]], None] | None = None,
) -> list[Maps]:
    """Writes the maps of every finding for every image, and overlays and a page for some.

    The output folder has `maps/RUN.npz` for each run, `overlays/RUN/IMAGE/FINDING.jpg` for the
    first images, `index.html`, a page that shows these images with the maps of all runs on one
    scale, and `rejected.csv` if files could not be decoded. Maps and images lie on disk while they
    are made, so that the memory does not grow with the number of images.

    Args:
        runs: The folders of finished trainings.
        input: An image store, an image or DICOM file, or a folder of such files.
        out: The folder: new, empty, or an earlier output of this function, which is replaced.
        split: The split to explain, if `input` is a store.
        findings: The findings to explain; all by default.
        shown: The number of images with overlays and on the page.
        method: The exact class map, or a contrast.
        follow_links: Whether links may lead out of a folder; if not, such files are rejected.
        also: Called with the output folder and the maps, to write further files.

    Returns:
        The maps of each run; their values are read from temporary files where they are used.

    Raises:
        InputError: A run is not finished, its network has another head, or there are no images.
    """
    check(Explain, split=split, shown=shown, method=method)
    folders = [Path(run) for run in runs]
    source = open_source(Path(input), split, follow_links=follow_links)
    names = _run_names(folders)
    chosen = [_findings(folder, findings) for folder in folders]
    with output_folder.replacing(Path(out), KIND) as folder:
        found, first_images = [], np.empty((0, 1, 1), np.uint8)
        for run, name, wanted in zip(folders, names, chosen, strict=True):
            maps, first = _maps(run, name, source, wanted, _Work(shown, method, folder.parent))
            write_maps(maps, folder / "maps" / f"{name}.npz")
            found.append(maps)
            first_images = first if first.shape[1] > first_images.shape[1] else first_images
        write_overlays(found, first_images, folder / "overlays")
        files.write_text(folder / "index.html", page.render(found, first_images))
        if also is not None:
            also(folder, found)
        _write_rejected(source, folder, Path(out))
    return found


class _Work(NamedTuple):
    """What is to be made: shown images, the method, and the folder of temporary files."""

    shown: int
    method: MapMethod
    folder: Path


def _write_rejected(source: ImageSource, folder: Path, out: Path) -> None:
    """Lists the files that could not be decoded, if there are any."""
    rejected = source.found.rejected
    if rejected:
        listed = {"path": [*rejected], "reason": [*rejected.values()]}
        files.write_text(folder / "rejected.csv", csv_text(listed))
        logger.warning(
            "rejected: %d of %d files; reasons: %s",
            len(rejected),
            len(source),
            out / "rejected.csv",
        )


def _run_names(folders: Sequence[Path]) -> list[str]:
    names = [folder.resolve().name for folder in folders]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"runs must have different names. Received: {twice!r} twice")
    return names


def _findings(run: Path, wanted: Sequence[str]) -> list[str]:
    """Returns the findings to explain, checked against those of the run."""
    own = list(finished_config(run)["findings"])
    unknown = [name for name in wanted if name not in own]
    if unknown:
        raise InputError(
            f"{run}: `findings` must be of {', '.join(own)}. Received: {', '.join(unknown)}"
        )
    return list(wanted) or own


def _maps(
    run: Path, name: str, source: ImageSource, findings: list[str], work: _Work
) -> tuple[Maps, np.ndarray]:
    """Returns the maps of a run, and the first images, (n, S, S) uint8; both are on disk."""
    config = finished_config(run)
    size, own = int(config["image_size"]), list(config["findings"])
    columns = [own.index(finding) for finding in findings]
    maker = LoadedNetworks().maker(run, columns, work.method)
    with DiskArray(work.folder) as first_images:

        def seen() -> Iterator[np.ndarray]:
            left = work.shown
            for batch in source.batches(size):
                if left > 0:
                    first_images.append(batch[:left, ..., 0])
                left -= len(batch)
                yield batch

        with progress.track(f"maps of {name}", len(source), "images") as advance:
            logits, values = compute(maker, seen(), len(source), advance, work.folder)
        first = first_images.array()
    ids = source.ids()["image_ids"]
    if not ids:
        raise InputError(
            f"{source.input}: must hold images that can be decoded. "
            f"Received: {len(source)} files, none of which can be decoded"
        )
    maps = Maps(
        name,
        tuple(ids),
        tuple(findings),
        values[: len(ids)],
        logits[: len(ids)],
        size,
        maker.fineness,
        hashlib.sha256((run / "model.keras").read_bytes()).hexdigest(),
        work.method,
    )
    return maps, first[: len(ids)]
