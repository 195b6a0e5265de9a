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
from cxrcompare.evaluation import operating
from cxrcompare.explaining.maps import Maps, compute
from cxrcompare.explaining.random_weights import randomise
from cxrcompare.filesystem import files
from cxrcompare.filesystem.spreadsheet_cells import csv_text
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import ImageStore, open_store
from cxrcompare.labels.reference_standard import reference
from cxrcompare.localisation.localise import Inputs, localise
from cxrcompare.localisation.map_set import MapSet, from_arrays
from cxrcompare.localisation.regions import RegionSource
from cxrcompare.localisation.sources import finding_regions
from cxrcompare.localisation.tables import Choices, Localisation
from cxrcompare.training.feeding.batches import plain_batches
from cxrcompare.training.predict import finished_config

logger = logging.getLogger(__name__)

_BATCH = 32
_NORMALISED = 64
MOST_TRAINING = 1000
"""The first training images, for the mean training region."""


@dataclass(frozen=True)
class _Split:
    """The images of a split that are measured."""

    ids: tuple[str, ...]
    rows: np.ndarray

    @classmethod
    def of(cls, table: ImageTable, split: str) -> _Split:
        rows = np.flatnonzero(table.rows["split"] == split)
        return cls(tuple(table.rows["image_id"].iloc[rows]), rows)


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
) -> Localisation:
    """Returns the localisation of finished runs on a split of a store.

    Map thresholds of the IoU and logit thresholds (Youden's) are chosen on the validation images of
    the store, if it has any and another split is measured. The first seed of each network is
    measured again with random weights.

    Args:
        runs: The folders of the runs, `<network>__seed<N>`.
        store: The store.
        regions: The regions of its images.
        split: The split to measure.
        readers: {reader: the reader's masks}.
        known: The maps of the split, if they have been computed, in the order of the runs.
        choices: Of the analysis.

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
    splits = [_Split.of(table, split)]
    if split != "valid" and (table.rows["split"] == "valid").any():
        splits.append(_Split.of(table, "valid"))
    trained: list[list[MapSet]] = []
    random: list[tuple[int, list[MapSet]]] = []
    for index, run in enumerate(runs):
        first = all(name_of(run)[0] != name_of(one)[0] for one in runs[:index])
        done = known[index] if known else None
        plain, shuffled = _maps(run, configs[index], store, splits, findings, done, first)
        trained.append(plain)
        if first:
            random.append((index, shuffled))
    thresholds = np.zeros((len(trained), len(findings)))
    if len(splits) > 1:
        labels = _labels(table, splits[1].rows, findings, str(configs[0]["blank"]))
        thresholds = np.stack([_youden(one[1], labels) for one in trained])
    every = [*trained, *(one for _, one in random)]
    training = table.rows["image_id"][table.rows["split"] == "train"]
    return localise(
        Inputs(
            [one[0] for one in every],
            table.rows["patient_id"].iloc[splits[0].rows].tolist(),
            regions,
            [one[1] for one in every] if len(splits) > 1 else (),
            training.iloc[:MOST_TRAINING].tolist(),
            np.concatenate([thresholds, np.zeros((len(random), len(findings)))]),
            readers,
            [(index, one[0]) for index, one in random],
        ),
        choices,
    )


def name_of(run: Path) -> tuple[str, str]:
    """Returns network and seed of a run from the name of its folder."""
    network, _, seed = run.resolve().name.partition("__seed")
    return network, seed


def _maps(
    run: Path,
    config: dict[str, Any],
    store: ImageStore,
    splits: list[_Split],
    findings: tuple[str, ...],
    done: Maps | None,
    randomised: bool,
) -> tuple[list[MapSet], list[MapSet]]:
    """Returns the maps of a run for each split, and those with random weights, if they are asked.

    The network is built once, and its weights are shuffled in place.
    """
    size = int(config["image_size"])
    columns = [list(config["findings"]).index(finding) for finding in findings]
    model = models.with_maps(models.load(run / "model.keras"))
    network, seed = name_of(run)

    def maps(one: _Split, name: str, number: str, kind: Kind) -> MapSet:
        batches = plain_batches(store.pixels, one.rows, _BATCH, size)
        logits, values, _ = compute(model, batches, len(one.ids), advance)
        return from_arrays(
            name, number, one.ids, findings, values[:, columns], logits[:, columns], kind
        )

    todo = splits[1:] if done else splits
    total = sum(len(one.ids) for one in (*todo, *(splits if randomised else ())))
    with progress.track(f"measure {run.name}", total, "images") as advance:
        plain = [maps(one, network, seed, "network") for one in todo]
        if done is not None:
            at = [done.findings.index(finding) for finding in findings]
            values, logits = done.values[:, at], done.logits[:, at]
            plain.insert(0, from_arrays(network, seed, done.ids, findings, values, logits))
        shuffled = []
        if randomised:
            rows = splits[0].rows[:_NORMALISED]
            randomise(model, next(iter(plain_batches(store.pixels, rows, _NORMALISED, size))))
            name = f"{network}, random weights"
            shuffled = [maps(one, name, "", "random weights") for one in splits]
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
