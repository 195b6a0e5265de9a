"""The sample on disk: images, label files, truth, readers and masks, written atomically."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from cxrcompare import environment, isolated
from cxrcompare.errors import JobError
from cxrcompare.filesystem import files, output_folder
from cxrcompare.findings import CHEXPERT
from cxrcompare.options.declaration import check
from cxrcompare.options.image_commands import Sample
from cxrcompare.progress import track
from cxrcompare.synthetic import labeller
from cxrcompare.synthetic.population import SHARES, Image, Visit, counts, draw_population
from cxrcompare.synthetic.shortcuts import parse
from cxrcompare.synthetic.study import Study, expose
from cxrcompare.synthetic.study_masks import masks_of

VERSION = 4
"""Increased whenever equal settings give other images, labels or masks."""

_KIND = "sample"
_CHUNK = 8

_NOTE = "Synthetic images drawn by cxrcompare; no patient, no claim about medicine.\n"


def write(
    out: Path,
    images: int,
    size: int,
    seed: int,
    shortcuts: tuple[str, ...],
    *,
    strength: float | None,
    in_test: str,
    masks: bool,
    workers: int | None,
) -> Path:
    """Writes a sample; see `write_sample`."""
    check(Sample, images=images, size=size, seed=seed)
    parse(shortcuts, strength, in_test)
    wanted = {
        "synthetic": True,
        "generator": "cxrcompare.synthetic",
        "version": VERSION,
        "images": images,
        "size": size,
        "seed": seed,
        "shortcuts": list(shortcuts),
        "shortcut_strength": strength,
        "shortcuts_in_test": in_test,
        "masks": masks,
        "splits": counts(images),
        "note": _NOTE.strip(),
    }
    output_folder.recover(out)
    if not _same(out, wanted):
        _write(out, wanted, draw_population(images, seed, shortcuts, strength, in_test), workers)
    return out


def _write(out: Path, wanted: dict[str, Any], visits: Sequence[Visit], workers: int | None) -> None:
    """Writes to a temporary folder, continues one of a killed process, and swaps at the end."""
    settings = hashlib.blake2b(json.dumps(wanted).encode(), digest_size=4).hexdigest()
    with output_folder.replacing(out, _KIND, resume=settings) as partial:
        _write_images(partial, visits, wanted["size"], wanted["masks"], workers)
        _write_labels(partial, visits, wanted["seed"])
        files.write_text(partial / "SYNTHETIC.txt", _NOTE)
        files.write_json(partial / "sample.json", wanted)


def _same(out: Path, wanted: dict[str, Any]) -> bool:
    """Returns whether the folder has a complete sample with these settings."""
    mark = out / "sample.json"
    if out.is_symlink() or not mark.is_file() or files.read_json(mark) != wanted:
        return False
    there = sum(1 for split in SHARES for _ in (out / split).rglob("view*.jpg"))
    return there == wanted["images"]


def _write_images(
    folder: Path, visits: Sequence[Visit], size: int, masks: bool, workers: int | None
) -> None:
    images = [image for visit in visits for image in visit.images]
    chunks = [images[start : start + _CHUNK] for start in range(0, len(images), _CHUNK)]
    with track("sample", len(images), "images") as advance:
        for done in _each(folder, chunks, size, masks, workers or environment.cores()):
            advance(done)


def _each(
    folder: Path, chunks: list[list[Image]], size: int, masks: bool, workers: int
) -> Iterator[int]:
    """Draws the chunks, in several processes if there are enough; yields the image counts."""
    if workers == 1 or len(chunks) < 12:
        yield from (draw(folder, chunk, size, masks) for chunk in chunks)
        return
    context = multiprocessing.get_context("spawn")
    with isolated.spawning():
        pool = ProcessPoolExecutor(min(workers, len(chunks)), context, _end_with_parent)
        futures = [pool.submit(draw, folder, chunk, size, masks) for chunk in chunks]
    with pool:
        try:
            for future in futures:
                yield future.result()
        except BrokenProcessPool as error:
            raise JobError(
                "a process that drew the sample was killed, perhaps out of memory; the same "
                "command continues"
            ) from error
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def _end_with_parent() -> None:
    """Makes this process end when its parent process ends, even if the parent is killed."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def draw(folder: Path, images: Sequence[Image], size: int, masks: bool) -> int:
    """Draws the images whose files do not exist yet; returns the number of all given images.

    Args:
        folder: The sample's folder.
        images: The images.
        size: Longer side in pixels.
        masks: Whether to write masks, too.
    """
    cv2.setNumThreads(1)
    for image in images:
        if (folder / image.path).exists():
            continue
        shot = expose(image.study, image.view, size, np.random.default_rng(image.seed))
        if masks:
            mask = (folder / "masks" / image.path).with_suffix(".png")
            _encode(mask, masks_of(image.study, shot), [])
        _encode(folder / image.path, shot.pixels, [cv2.IMWRITE_JPEG_QUALITY, 92])
    return len(images)


def _encode(path: Path, pixels: np.ndarray, options: list[int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    _, data = cv2.imencode(path.suffix, pixels, options)
    partial = path.with_name(f".{path.name}")
    partial.write_bytes(data.tobytes())
    partial.replace(path)


def _write_labels(folder: Path, visits: Sequence[Visit], seed: int) -> None:
    for split in SHARES:
        rows = [
            [f"cxrcompare-sample/{image.path}", visit.sex, visit.age, *_view(image), *visit.labels]
            for visit in visits
            if visit.split == split
            for image in visit.images
        ]
        columns = ["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *CHEXPERT]
        _csv(folder / f"{split}.csv", rows, columns)
    truth = [[visit.name, *visit.truth.astype(int)] for visit in visits]
    _csv(folder / "truth.csv", truth, ["Study", *CHEXPERT])
    groups = [[v.name, "yes" if _study(v).drain else "no", _study(v).site or "B"] for v in visits]
    _csv(folder / "subgroups.csv", groups, ["Study", "drain", "site"])
    tested = [visit for visit in visits if visit.split == "test"]
    for number, (name, skill) in enumerate(labeller.SKILLS.items(), start=1):
        rng = np.random.default_rng([seed, 0, number])
        labels = [
            [v.name, *labeller.read(v.truth, _severity(v), skill, rng).astype(int)] for v in tested
        ]
        _csv(folder / "readers" / f"{name}.csv", labels, ["Study", *CHEXPERT])


def _view(image: Image) -> tuple[str, str]:
    return ("Lateral", "") if image.view == "lateral" else ("Frontal", image.view)


def _study(visit: Visit) -> Study:
    return visit.images[0].study


def _severity(visit: Visit) -> np.ndarray:
    severities = _study(visit).severities
    return np.array([severities.get(finding, 0.5) for finding in CHEXPERT])


def _csv(path: Path, rows: list[list[Any]], columns: list[str]) -> None:
    import pandas as pd  # here, so that drawing processes do not import it

    table = pd.DataFrame(rows, columns=columns)
    files.write_text(path, table.to_csv(index=False, lineterminator="\n"))
