"""Selects the cases of an experiment and writes them with thumbnails and maps, for the report."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from cxrcompare import progress
from cxrcompare.cases.case_file import (
    FILE,
    CaseFile,
    ShownCase,
    ShownImage,
    ShownNetwork,
    write_cases,
)
from cxrcompare.cases.selecting import Rule, select
from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.errors import InputError
from cxrcompare.explaining import overlays
from cxrcompare.explaining.loaded_networks import LoadedNetworks, in_parallel
from cxrcompare.explaining.map_making import occluding
from cxrcompare.explaining.maps import compute
from cxrcompare.filesystem import files
from cxrcompare.filesystem.embedding import base64_text
from cxrcompare.images.prepare import ImageStore
from cxrcompare.predictions import read_predictions, read_reference, split_name
from cxrcompare.predictions.studies import merge_views
from cxrcompare.progress import Advance
from cxrcompare.training.feeding.batches import plain_batches, take
from cxrcompare.training.feeding.image_source import BATCH

logger = logging.getLogger(__name__)

ON_THE_SAMPLE = 3
"""Cases of each rule and finding for the embedded sample, if the option is not given."""

MOST_IMAGES = 300
"""Maximum number of images; with 256 pixels, they take about 5 MB of the page."""

THUMBNAIL = 256
"""Maximum side of an image on the page, in pixels."""


@dataclass(frozen=True)
class _Case:
    """A case before its image has an index in the file.

    Attributes:
        rule: The rule.
        finding: Index of the finding.
        image: Index of the image among the test images.
        label: 1, 0 or NaN.
        scores: (A,) the score of each network for the study.
        rank: Position among the cases of its rule and finding.
    """

    rule: Rule
    finding: int
    image: int
    label: float
    scores: np.ndarray
    rank: int


@dataclass(frozen=True)
class _Tests:
    """The test set as the networks see it.

    Attributes:
        findings: F names.
        images: (N,) ids of images.
        units: (N,) the study, or the image, of each image.
        labels: (N, F) in {0, 1, NaN}.
        scores: (A, N, F), a run for each network.
        thresholds: (A, F); NaN if there is none.
    """

    findings: tuple[str, ...]
    images: np.ndarray
    units: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    thresholds: np.ndarray


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
    tests = _read(comparison, [*chosen.values()], folder / "reference-test.csv")
    rule = "mean" if comparison.protocol.get("views_rule") == "mean" else "max"
    found = [
        case
        for finding in range(len(tests.findings))
        for case in _of_finding(tests, finding, rule, at_most)
    ]
    kept, images = _within_limit(found)
    if not kept:
        return
    rows = store.table.rows
    position = {name: row for row, name in enumerate(rows["image_id"].tolist())}
    at = np.array([position[tests.images[image]] for image in images])
    content = CaseFile(
        at_most=at_most,
        left_out=len(found) - len(kept),
        method=METHOD,
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
            )
            for one in kept
        ],
    )
    write_cases(content, folder / FILE)
    size = (folder / FILE).stat().st_size
    logger.info("cases: %d in %d images, %.1f MB of the report", len(kept), len(images), size / 1e6)


METHOD = (
    "the maps are class activation maps of the logit, one forward pass for each; of networks whose "
    "class maps have fewer than 8 x 8 cells, they show how much the logit falls if a part of the "
    "image is grey"
)


def _one_run_each(runs: Sequence[Path]) -> dict[str, Path]:
    """Returns the run with the smallest seed of each network."""
    found: dict[str, tuple[int, Path]] = {}
    for run in runs:
        name, seed = split_name(run.name)
        if name not in found or int(seed or 0) < found[name][0]:
            found[name] = (int(seed or 0), run)
    return {name: run for name, (_, run) in found.items()}


def _read(comparison: Comparison, runs: Sequence[Path], reference_file: Path) -> _Tests:
    """Joins the predictions of the runs and the reference by image and finding."""
    findings = comparison.findings
    predictions = [read_predictions(run / "predictions" / "test.csv") for run in runs]
    reference = read_reference(reference_file)
    rows = predictions[0].rows
    scores = []
    for one in predictions:
        position = {name: row for row, name in enumerate(one.rows.ids.tolist())}
        order = [position[name] for name in rows.ids.tolist()]
        scores.append(one.values[order][:, [one.findings.index(name) for name in findings]])
    label_row = {name: row for row, name in enumerate(reference.rows.ids.tolist())}
    columns = [reference.findings.index(name) for name in findings]
    labels = reference.values[[label_row[name] for name in rows.ids.tolist()]][:, columns]
    table = comparison.thresholds
    keys = zip(table["model"], table["seed"].astype(str), table["finding"], strict=True)
    limits = dict(zip(keys, table["threshold"].to_numpy(np.float64).tolist(), strict=True))
    thresholds = np.array(
        [
            [limits.get((*split_name(run.name), finding), np.nan) for finding in findings]
            for run in runs
        ]
    )
    by_study = comparison.protocol.get("unit") != "image" and (rows.studies != "").all()
    units = rows.studies if by_study else rows.ids
    return _Tests(findings, rows.ids, units, labels, np.array(scores), thresholds)


def _of_finding(tests: _Tests, finding: int, rule: str, at_most: int) -> list[_Case]:
    """Returns the cases of a finding, a study with several images merged as in the comparison."""
    units, codes = np.unique(tests.units, return_inverse=True)
    images = tests.scores[:, :, finding]
    scores = merge_views(images.T, codes, len(units), rule).T
    labels = np.full(len(units), np.nan)
    known = ~np.isnan(tests.labels[:, finding])
    np.fmax.at(labels, codes[known], tests.labels[known, finding])
    mean = images.mean(axis=0)
    order = np.lexsort((mean, codes))  # the last image of each study has the highest mean score
    best = order[np.cumsum(np.bincount(codes)) - 1]
    ranks: dict[Rule, int] = {}
    found = []
    for one in select(labels, scores, tests.thresholds[:, finding], at_most):
        ranks[one.rule] = ranks.get(one.rule, -1) + 1
        unit = one.unit
        found.append(
            _Case(
                one.rule,
                finding,
                int(best[unit]),
                float(labels[unit]),
                scores[:, unit],
                ranks[one.rule],
            )
        )
    return found


def _within_limit(found: Sequence[_Case]) -> tuple[list[_Case], list[int]]:
    """Returns the cases that are kept, in their order, and their images, each once."""
    images: dict[int, None] = {}
    kept = []
    for one in sorted(found, key=lambda one: one.rank):
        if one.image in images or len(images) < MOST_IMAGES:
            images[one.image] = None
            kept.append(one)
    order = {id(one): index for index, one in enumerate(found)}
    return sorted(kept, key=lambda one: order[id(one)]), [*images]


def _networks(
    chosen: dict[str, Path],
    tests: _Tests,
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
