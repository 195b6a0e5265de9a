"""explain: maps of what trained networks see in images, as arrays, overlays and a page."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from cxrcompare import models, progress
from cxrcompare.errors import InputError
from cxrcompare.explaining import overlays, page
from cxrcompare.explaining.map_files import write_maps
from cxrcompare.explaining.maps import Maps, compute
from cxrcompare.filesystem import files, output_folder
from cxrcompare.images.store import csv_text
from cxrcompare.options.declaration import check
from cxrcompare.options.image_commands import Explain
from cxrcompare.training.feeding.image_source import BATCH, ImageSource, open_source
from cxrcompare.training.predict import finished_config
from cxrcompare.training.steps import device

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
    also: Callable[[Path, list[Maps]], None] | None = None,
) -> list[Maps]:
    """Writes the maps of every finding for every image, and overlays and a page for some.

    The output folder has `maps/RUN.npz` for each run, `overlays/RUN/IMAGE/FINDING.png` for the
    first images, `index.html`, a page that shows these images with the maps of all runs on one
    scale, and `rejected.csv` if files could not be decoded.

    Args:
        runs: The folders of finished trainings.
        input: An image store, an image or DICOM file, or a folder of such files.
        out: The folder: new, empty, or an earlier output of this function, which is replaced.
        split: The split to explain, if `input` is a store.
        findings: The findings to explain; all by default.
        shown: The number of images with overlays and on the page.
        also: Called with the output folder and the maps, to write further files.

    Returns:
        The maps of each run.

    Raises:
        InputError: A run is not finished, its network has another head, or there are no images.
    """
    check(Explain, split=split, shown=shown)
    folders, source = [Path(run) for run in runs], open_source(Path(input), split)
    names = _run_names(folders)
    chosen = [_findings(folder, findings) for folder in folders]
    with output_folder.replacing(Path(out), KIND) as folder:
        device.start()
        found, pictures = [], np.empty((0, 1, 1), np.uint8)
        for run, name, wanted in zip(folders, names, chosen, strict=True):
            maps, first = _maps(run, name, source, wanted, shown)
            write_maps(maps, folder / "maps" / f"{name}.npz")
            found.append(maps)
            pictures = first if first.shape[1] > pictures.shape[1] else pictures
        _write_overlays(found, pictures, folder / "overlays")
        files.write_text(folder / "index.html", page.render(found, pictures))
        if also is not None:
            also(folder, found)
        rejected = source.found.rejected
        if rejected:
            listed = {"path": [*rejected], "reason": [*rejected.values()]}
            files.write_text(folder / "rejected.csv", csv_text(listed))
            logger.warning(
                "rejected: %d of %d files; reasons: %s",
                len(rejected),
                len(source),
                Path(out) / "rejected.csv",
            )
    return found


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
    run: Path, name: str, source: ImageSource, findings: list[str], shown: int
) -> tuple[Maps, np.ndarray]:
    """Returns the maps of a run, and the first images, (n, S, S) uint8."""
    config = finished_config(run)
    size, own = int(config["image_size"]), list(config["findings"])
    model = models.with_maps(models.load(run / "model.keras"))
    batches = source.batches(size)
    pictures: list[np.ndarray] = []

    def seen() -> Iterator[np.ndarray]:
        for batch in batches:
            if len(pictures) * BATCH < shown:
                pictures.append(batch[..., 0].copy())
            yield batch

    with progress.track(f"maps of {name}", len(source), "images") as advance:
        logits, values, fineness = compute(model, seen(), len(source), advance)
    ids = source.ids()["image_ids"]
    if not ids:
        raise InputError(
            f"{source.input}: must hold images that can be decoded. "
            f"Received: {len(source)} files, none of which can be decoded"
        )
    columns = [own.index(finding) for finding in findings]
    count = len(ids)
    maps = Maps(
        name,
        tuple(ids),
        tuple(findings),
        values[:count, columns],
        logits[:count, columns],
        size,
        fineness,
        hashlib.sha256((run / "model.keras").read_bytes()).hexdigest(),
    )
    return maps, np.concatenate(pictures)[: min(count, shown)]


def _write_overlays(found: list[Maps], pictures: np.ndarray, folder: Path) -> None:
    """Writes an image for each of the first images, each run and each of its findings."""
    images = files.file_names(found[0].ids[: len(pictures)])
    titles = files.file_names(dict.fromkeys(name for maps in found for name in maps.findings))
    for finding, title in titles.items():
        having = [maps for maps in found if finding in maps.findings]
        values = [maps.values[: len(pictures), maps.findings.index(finding)] for maps in having]
        scale = overlays.common_scale(values)
        for maps, one in zip(having, values, strict=True):
            for row, (name, picture) in enumerate(zip(maps.ids, pictures, strict=False)):
                target = folder / maps.run / images[name] / f"{title}.png"
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(overlays.png(overlays.overlay(picture, one[row], scale)))
