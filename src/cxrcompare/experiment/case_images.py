"""Selects the cases of an experiment and writes them with thumbnails and maps, for the report."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from cxrcompare import progress
from cxrcompare.cases import CASES, evaluated_images
from cxrcompare.cases.case_file import (
    SIDE,
    CaseFile,
    ShownCase,
    ShownImage,
    ShownNetwork,
    write_cases,
)
from cxrcompare.cases.evaluated_images import EvaluatedImages, of_finding, within_limit
from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.errors import InputError
from cxrcompare.explaining import overlays
from cxrcompare.explaining.loaded_networks import LoadedNetworks, in_parallel
from cxrcompare.explaining.map_making import occluding
from cxrcompare.explaining.maps import compute
from cxrcompare.filesystem import files
from cxrcompare.filesystem.embedding import base64_text
from cxrcompare.images.prepare import ImageStore
from cxrcompare.localisation.regions import finding_regions, outlines
from cxrcompare.localisation.regions.image_regions import ImageRegions
from cxrcompare.predictions import split_name
from cxrcompare.progress import Advance
from cxrcompare.training.feeding.batches import plain_batches, take
from cxrcompare.training.feeding.image_source import BATCH

logger = logging.getLogger(__name__)

ON_THE_SAMPLE = 3
"""Cases of each rule and finding for the embedded sample, if the option is not given."""

THUMBNAIL = 256
"""Maximum side of an image on the page, in pixels."""

_METHOD = (
    "the maps are class activation maps of the logit, one forward pass for each; of networks whose "
    "class maps have fewer than 8 x 8 cells, they show how much the logit falls if a part of the "
    "image is grey"
)
"""What the maps are, in words."""


def add_cases(
    comparison: Comparison,
    store: ImageStore,
    runs: Sequence[Path],
    folder: Path,
    at_most: int,
    makers: LoadedNetworks | None = None,
) -> None:
    """Writes `cases.json` to the folder of a comparison; nothing if no case is selected.

    Of a network with several seeds, the run with the smallest seed is used. Of a study with several
    images, the image with the highest mean score is shown. If there are more than `MOST_IMAGES`
    images, the last cases of all rules and findings are left out.

    Args:
        comparison: The comparison, with thresholds.
        store: The images.
        runs: The folders of the runs that were compared.
        folder: The folder, with `reference-test.csv`.
        at_most: Cases of each rule and finding; 0 for none.
        makers: The networks that are loaded already.

    Raises:
        InputError: A run or the reference is damaged.
    """
    if not at_most:
        return
    chosen = _one_run_each(runs)
    tests = evaluated_images.read(comparison, [*chosen.values()], folder / "reference-test.csv")
    rule = "mean" if comparison.protocol.get("views_rule") == "mean" else "max"
    found = [
        case
        for finding in range(len(tests.findings))
        for case in of_finding(tests, finding, rule, at_most)
    ]
    kept, images = within_limit(found)
    if not kept:
        return
    rows = store.table.rows
    position = {name: row for row, name in enumerate(rows["image_id"].tolist())}
    at = np.array([position[tests.images[image]] for image in images])
    source = finding_regions.in_data_set(store.table, "test")
    true = [source.read(str(tests.images[image])) if source else None for image in images]
    content = CaseFile(
        at_most=at_most,
        left_out=len(found) - len(kept),
        method=_METHOD,
        regions=source.name if source else "",
        findings=[*tests.findings],
        networks=_networks(chosen, tests, store, at, makers or LoadedNetworks()),
        images=[_image(store, row) for row in at.tolist()],
        cases=[
            ShownCase(
                rule=one.rule,
                finding=one.finding,
                image=images.index(one.image),
                label=None if np.isnan(one.label) else int(one.label),
                scores=one.scores.tolist(),
                region=_outlines(true[images.index(one.image)], tests.findings[one.finding]),
            )
            for one in kept
        ],
    )
    write_cases(content, folder / CASES)
    size = (folder / CASES).stat().st_size
    logger.info("cases: %d in %d images, %.1f MB of the report", len(kept), len(images), size / 1e6)


def _outlines(regions: ImageRegions | None, finding: str) -> list[list[int]]:
    """Returns the outlines of a finding's true region; none if it is not known."""
    region = regions.regions.get(finding) if regions else None
    return outlines.of(region.share, SIDE) if region else []


def _one_run_each(runs: Sequence[Path]) -> dict[str, Path]:
    """Returns the run with the smallest seed of each network."""
    found: dict[str, tuple[int, Path]] = {}
    for run in runs:
        name, seed = split_name(run.name)
        if name not in found or int(seed or 0) < found[name][0]:
            found[name] = (int(seed or 0), run)
    return {name: run for name, (_, run) in found.items()}


def _networks(
    chosen: dict[str, Path],
    tests: EvaluatedImages,
    store: ImageStore,
    at: np.ndarray,
    makers: LoadedNetworks,
) -> list[ShownNetwork]:
    """Returns the networks with their maps of some images, on one scale for each finding."""
    with progress.track("maps of cases", len(at) * len(chosen), "images") as advance:

        def make(run: Path) -> np.ndarray:
            return _maps(run, tests.findings, store, at, makers, advance)

        maps = in_parallel(make, [*chosen.values()])
    scales = np.array(
        [
            overlays.common_scale([one[:, finding] for one in maps])
            for finding in range(len(tests.findings))
        ]
    )[:, None, None]
    return [
        ShownNetwork(
            name=name,
            run=run.name,
            thresholds=[None if np.isnan(limit) else float(limit) for limit in limits],
            cells=values.shape[2:],
            maps=base64_text(_levels(values / scales).tobytes()),
        )
        for (name, run), limits, values in zip(chosen.items(), tests.thresholds, maps, strict=True)
    ]


def _maps(
    run: Path,
    findings: tuple[str, ...],
    store: ImageStore,
    at: np.ndarray,
    makers: LoadedNetworks,
    advance: Advance,
) -> np.ndarray:
    """Returns the maps of a run, (N, F, h, w): of occlusion, if class maps have too few cells."""
    config = files.read_json(run / "config.json")
    size, own = int(config["image_size"]), list(config["findings"])
    batches = plain_batches(store.pixels, at, BATCH, size)
    try:
        maker = makers.maker(run, [own.index(name) for name in findings])
    except InputError as error:  # another head; its scores can still be shown
        logger.warning("cases: no maps of %s: %s", run.name, error)
        return np.zeros((len(at), len(findings), 1, 1), np.float32)
    return compute(occluding(maker) if maker.fineness > 1 else maker, batches, len(at), advance)[1]


def _image(store: ImageStore, row: int) -> ShownImage:
    facts = store.table.rows.iloc[row]
    size = min(THUMBNAIL, store.pixels.shape[1])
    pixels = take(store.pixels, np.array([row]), size)[0]
    jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 82])[1].tobytes()
    age = float(facts["age"])
    return ShownImage(
        id=str(facts["image_id"]),
        sex=str(facts["sex"]),
        age=None if np.isnan(age) else age,
        view=str(facts["view"]),
        jpeg=base64_text(jpeg),
    )


def _levels(shares: np.ndarray) -> np.ndarray:
    """Returns shares of a scale as whole numbers from -127 to 127, int8."""
    return np.rint(np.clip(shares, -1, 1) * 127).astype(np.int8)
