"""Measures the maps of finished runs against the regions of a data set."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare import models, progress
from cxrcompare.comparison.result.localisation_rows import Kind
from cxrcompare.errors import InputError
from cxrcompare.evaluation.thresholds import operating
from cxrcompare.explaining.maps import Maps, compute, fineness
from cxrcompare.explaining.random_weights import randomise
from cxrcompare.filesystem import files
from cxrcompare.filesystem.spreadsheet_cells import csv_text
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import ImageStore, open_store
from cxrcompare.labels.reference_standard import reference
from cxrcompare.localisation.localise import Inputs, localise
from cxrcompare.localisation.map_set import MapSet, from_arrays
from cxrcompare.localisation.measures import LEAST_VALIDATION
from cxrcompare.localisation.regions import RegionSource
from cxrcompare.localisation.sources import finding_regions
from cxrcompare.localisation.tables import Choices, Localisation
from cxrcompare.training.feeding.batches import plain_batches
from cxrcompare.training.predict import finished_config

logger = logging.getLogger(__name__)

_BATCH = 32
_NORMALISED = 64
_STRIDE = 32
"""Pixels of an image per cell of a map; networks that round up have more cells."""
MOST_TRAINING = 1000
"""The first training images, for the mean training region."""


@dataclass(frozen=True)
class _Split:
    """The images of a split that are measured."""

    ids: tuple[str, ...]
    rows: np.ndarray

    @classmethod
    def of(cls, table: ImageTable, split: str, regions: RegionSource, most: int | None) -> _Split:
        """Returns the images of a split; the first `most` with a region, if there are more."""
        rows = np.flatnonzero(table.rows["split"] == split)
        if most is not None and len(rows) > most:
            kept: list[int] = []
            for row in rows.tolist():
                found = regions.read(table.rows["image_id"].iloc[row])
                if found is not None and found.regions:
                    kept.append(row)
                if len(kept) == most:
                    break
            rows = np.array(kept or rows[:most])
        return cls(tuple(table.rows["image_id"].iloc[rows]), rows)

    def first(self, most: int) -> _Split:
        """Returns the first images."""
        return _Split(self.ids[:most], self.rows[:most])


class Measuring:
    """Measures the maps of `explain` and writes their tables, if there are regions.

    Attributes:
        found: The results, after the call; None without regions.
    """

    def __init__(
        self,
        runs: Sequence[Path],
        input: Path,
        split: str,
        regions: Path | None = None,
        readers: Sequence[Path] = (),
    ) -> None:
        """Opens the store and the files of regions.

        Raises:
            InputError: A file of regions is given without a store, or is damaged.
        """
        self.found: Localisation | None = None
        self._runs, self._split = runs, split
        self._regions: RegionSource | None = None
        if not (input / "store.json").is_file():
            if regions is not None or readers:
                raise InputError(
                    "`--regions` and `--readers` must be given with an image store. "
                    f"Received: {input}"
                )
            return
        self._store = open_store(input)
        table = self._store.table
        self._regions = (
            finding_regions.in_data_set(table, split)
            if regions is None
            else finding_regions.in_file(regions, table)
        )
        self._readers = {
            path.stem: finding_regions.in_file(path, table) for path in map(Path, readers)
        }

    def __call__(self, folder: Path, maps: list[Maps]) -> None:
        """Writes localisation.csv and the other tables that have rows.

        Args:
            folder: The output folder.
            maps: The maps of the runs, in their order.
        """
        if self._regions is None:
            return
        shared = set(self._regions.findings).intersection(*(one.findings for one in maps))
        if not shared:
            logger.warning("the maps are not measured: no finding has %s", self._regions.name)
            return
        self.found = measure_runs(
            self._runs, self._store, self._regions, self._split, readers=self._readers, known=maps
        )
        for name, table in self.found.tables().items():
            if len(table):
                files.write_text(folder / f"{name}.csv", csv_text(table))


def measure_runs(
    runs: Sequence[Path],
    store: ImageStore,
    regions: RegionSource,
    split: str = "test",
    *,
    readers: dict[str, RegionSource] | None = None,
    known: Sequence[Maps] = (),
    choices: Choices | None = None,
    effort: int | None = None,
) -> Localisation:
    """Returns the localisation of finished runs on a split of a store.

    Map thresholds of the IoU and logit thresholds (Youden's) are chosen on the validation images of
    the store, if it has any and another split is measured. The first seed of each network is
    measured again with random weights.

    With a limit of the effort, two thirds of it are for the first test images with a region, a
    quarter for validation images, and the rest for maps of random weights, which are then compared
    with those of the trained network but not measured.

    Args:
        runs: The folders of the runs, `<network>__seed<N>`.
        store: The store.
        regions: The regions of its images.
        split: The split to measure.
        readers: {reader: the reader's masks}.
        known: The maps of the split, if they have been computed, in the order of the runs.
        choices: Of the analysis.
        effort: The most images that a network sees, each shifted one counted; None: no limit.

    Raises:
        InputError: A run is not finished or has another head, or the runs share no finding that can
            have a region.
    """
    configs = [finished_config(run) for run in runs]
    own = [one.findings for one in known] or [one["findings"] for one in configs]
    findings = tuple(
        name for name in own[0] if name in regions.findings and all(name in one for one in own)
    )
    if not findings:
        raise InputError(
            f"runs must share a finding that has regions: {', '.join(regions.findings)}. "
            f"Received: {', '.join(own[0])}"
        )
    table = store.table
    each = max(_evaluations(int(one["image_size"])) for one in configs)
    most = None if effort is None else max(effort // each, 1)
    splits = [_Split.of(table, split, regions, None if most is None else max(2 * most // 3, 1))]
    if split != "valid" and (table.rows["split"] == "valid").any():
        fewer = None if most is None else max(most // 4, LEAST_VALIDATION)
        splits.append(_Split.of(table, "valid", regions, fewer))
    shuffled = splits if most is None else [splits[0].first(max(most // 12, 8))]
    trained: list[list[MapSet]] = []
    random: list[tuple[int, list[MapSet]]] = []
    for index, run in enumerate(runs):
        first = all(name_of(run)[0] != name_of(one)[0] for one in runs[:index])
        done = known[index] if known else None
        source = _Source(store, splits, shuffled if first else [], findings)
        plain, other = _maps(run, configs[index], source, done)
        trained.append(plain)
        if first:
            random.append((index, other))
    thresholds = np.zeros((len(trained), len(findings)))
    if len(splits) > 1:
        labels = _labels(table, splits[1].rows, findings, str(configs[0]["blank"]))
        thresholds = np.stack([_youden(one[1], labels) for one in trained])
    measured = [*trained, *(one for _, one in random if most is None)]
    none = np.zeros((len(measured) - len(trained), len(findings)))
    training = table.rows["image_id"][table.rows["split"] == "train"]
    return localise(
        Inputs(
            [one[0] for one in measured],
            table.rows["patient_id"].iloc[splits[0].rows].tolist(),
            regions,
            [one[1] for one in measured] if len(splits) > 1 else (),
            training.iloc[:MOST_TRAINING].tolist(),
            np.concatenate([thresholds, none]),
            readers,
            [(index, one[0]) for index, one in random],
        ),
        choices,
    )


def _evaluations(image_size: int) -> int:
    """Returns the number of images, the shifted ones included, that the maps of one image need."""
    shifts = fineness(max(image_size // _STRIDE, 1))
    return 1 if shifts == 1 else 1 + shifts**2


def name_of(run: Path) -> tuple[str, str]:
    """Returns network and seed of a run from the name of its folder."""
    network, _, seed = run.resolve().name.partition("__seed")
    return network, seed


@dataclass(frozen=True)
class _Source:
    """The images and findings of the maps: trained, and with random weights."""

    store: ImageStore
    splits: list[_Split]
    shuffled: list[_Split]
    findings: tuple[str, ...]


def _maps(
    run: Path, config: dict[str, Any], source: _Source, done: Maps | None
) -> tuple[list[MapSet], list[MapSet]]:
    """Returns the maps of a run for each split, trained and with random weights.

    The network is built once, and its weights are shuffled in place.

    Args:
        run: The folder of the run.
        config: Its configuration.
        source: The images.
        done: The maps of the first split, if they have been computed.
    """
    splits, findings = source.splits, source.findings
    size = int(config["image_size"])
    columns = [list(config["findings"]).index(finding) for finding in findings]
    model = models.with_maps(models.load(run / "model.keras"))
    network, seed = name_of(run)

    def maps(one: _Split, name: str, number: str, kind: Kind) -> MapSet:
        batches = plain_batches(source.store.pixels, one.rows, _BATCH, size)
        logits, values, _ = compute(model, batches, len(one.ids), advance)
        return from_arrays(
            name, number, one.ids, findings, values[:, columns], logits[:, columns], kind
        )

    todo = splits[1:] if done else splits
    total = sum(len(one.ids) for one in (*todo, *source.shuffled))
    with progress.track(f"measure {run.name}", total, "images") as advance:
        plain = [maps(one, network, seed, "network") for one in todo]
        if done is not None:
            at = [done.findings.index(finding) for finding in findings]
            values, logits = done.values[:, at], done.logits[:, at]
            plain.insert(0, from_arrays(network, seed, done.ids, findings, values, logits))
        shuffled = []
        if source.shuffled:
            rows = splits[0].rows[:_NORMALISED]
            first = next(iter(plain_batches(source.store.pixels, rows, _NORMALISED, size)))
            randomise(model, first)
            name = f"{network}, random weights"
            shuffled = [maps(one, name, "", "random weights") for one in source.shuffled]
    return plain, shuffled


def _labels(
    table: ImageTable, rows: np.ndarray, findings: tuple[str, ...], blank: str
) -> np.ndarray:
    columns = [table.findings.index(finding) for finding in findings]
    return reference(table.take(rows), blank)[:, columns]


def _youden(maps: MapSet, labels: np.ndarray) -> np.ndarray:
    """Returns the logit thresholds of a run, (F,); 0 where validation has one class only."""
    if maps.logits is None:
        return np.zeros(labels.shape[1])
    found = [
        operating.youden(labels[:, f], maps.logits[:, f].astype(np.float64)).threshold
        for f in range(labels.shape[1])
    ]
    return np.nan_to_num(np.array(found), nan=0.0)
