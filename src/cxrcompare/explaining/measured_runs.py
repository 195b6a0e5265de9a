"""measure_runs: the maps of finished runs measured against regions, with random weights beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare import progress
from cxrcompare.comparison.row_types.localisation_rows import Kind
from cxrcompare.errors import InputError
from cxrcompare.evaluation.thresholds import operating
from cxrcompare.explaining.loaded_networks import LoadedNetworks
from cxrcompare.explaining.map_making import MapMaker, fineness
from cxrcompare.explaining.maps import Maps, compute
from cxrcompare.explaining.methods.randomised_layers import randomised
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import ImageStore
from cxrcompare.labels.reference_standard import reference
from cxrcompare.localisation.localise import Inputs, localise
from cxrcompare.localisation.map_set import MapSet, from_arrays
from cxrcompare.localisation.measures import LEAST_VALIDATION
from cxrcompare.localisation.regions import RegionSource
from cxrcompare.localisation.tables import Choices, Localisation
from cxrcompare.options.image_commands import Explain, MapMethod
from cxrcompare.training.feeding.batches import plain_batches
from cxrcompare.training.feeding.image_source import BATCH
from cxrcompare.training.predict import finished_config

_NORMALISED = 64
"""The first images of the split, for the statistics of randomised layers."""
_STRIDE = 32
"""Pixels of an image per cell of a map; networks that round up have more cells."""
_STEPS = 5
"""Steps of the randomisation, from the head to all layers."""
_COMPARED = 32
"""The first images whose maps are compared while only some layers are randomised."""
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
    method: MapMethod = Explain.method,
    makers: LoadedNetworks | None = None,
) -> Localisation:
    """Returns the localisation of finished runs on a split of a store.

    Map thresholds of the IoU and logit thresholds (Youden's) are chosen on the validation images of
    the store, if it has any and another split is measured. The first seed of each network is
    measured again with random weights, and its maps are compared with those after the head, then
    more and more layers of the backbone, got random weights.

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
        effort: The most images that a network sees, each shifted one counted; None: no limit. The
            first steps of the randomisation are not counted.
        method: The method of the maps.
        makers: The networks that are loaded already; those of `runs` are added.

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
    networks = makers or LoadedNetworks()
    made: list[_Made] = []
    for index, run in enumerate(runs):
        first = all(name_of(run)[0] != name_of(one)[0] for one in runs[:index])
        done = known[index] if known else None
        work = _Work(store, splits, shuffled if first else [], findings, method, networks)
        made.append(_maps(run, configs[index], work, done))
    trained = [one.trained for one in made]
    thresholds = np.zeros((len(trained), len(findings)))
    if len(splits) > 1:
        labels = _labels(table, splits[1].rows, findings, str(configs[0]["blank"]))
        thresholds = np.stack([_youden(one[1], labels) for one in trained])
    measured = [*trained, *(one.random for one in made if one.random and most is None)]
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
            [(index, one.random[0]) for index, one in enumerate(made) if one.random],
            [(index, step) for index, one in enumerate(made) for step in one.layers],
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
class _Work:
    """The images and findings of the maps: trained, and with random weights.

    Attributes:
        store: The store.
        splits: The images that are measured, test images first.
        shuffled: The images whose maps are made with random weights; may be empty.
        findings: The findings.
        method: The method of the maps.
        makers: The networks that are loaded already.
    """

    store: ImageStore
    splits: list[_Split]
    shuffled: list[_Split]
    findings: tuple[str, ...]
    method: MapMethod
    makers: LoadedNetworks


@dataclass
class _Made:
    """The maps of a run: as trained, with all weights random, and with those of some layers."""

    trained: list[MapSet] = field(default_factory=list)
    random: list[MapSet] = field(default_factory=list)
    layers: list[MapSet] = field(default_factory=list)


def _maps(run: Path, config: dict[str, Any], work: _Work, done: Maps | None) -> _Made:
    """Returns the maps of a run for each split; the network is loaded once.

    Args:
        run: The folder of the run.
        config: Its configuration.
        work: The images, findings and method.
        done: The maps of the first split, if they have been computed.
    """
    splits, findings, size = work.splits, work.findings, int(config["image_size"])
    columns = [list(config["findings"]).index(finding) for finding in findings]
    network, seed = name_of(run)
    made = _Made()

    def maps(maker: MapMaker, one: _Split, name: str, kind: Kind, number: str = "") -> MapSet:
        batches = plain_batches(work.store.pixels, one.rows, BATCH, size)
        logits, values = compute(maker, batches, len(one.ids), advance)
        return from_arrays(name, number, one.ids, findings, values, logits, kind)

    todo = splits[1:] if done else splits
    few = [work.shuffled[0].first(_COMPARED)] * (_STEPS - 1) if work.shuffled else []
    total = sum(len(one.ids) for one in (*todo, *few, *work.shuffled))
    with progress.track(f"measure {run.name}", total, "images") as advance:
        maker = work.makers.maker(run, columns, work.method)
        made.trained = [maps(maker, one, network, "network", seed) for one in todo]
        if done is not None:
            known = from_arrays(network, seed, done.ids, done.findings, done.values, done.logits)
            made.trained.insert(0, known.of_findings(findings))
        if not work.shuffled:
            return made
        rows = splits[0].rows[:_NORMALISED]
        images = next(iter(plain_batches(work.store.pixels, rows, _NORMALISED, size)))
        for step in randomised(maker.model, images, _STEPS):
            made_by = maker.renewed()
            if step.layers < step.total:
                name = f"{network}, {step.layers} of {step.total} layers random"
                made.layers.append(maps(made_by, few[0], name, "random weights"))
            else:
                name = f"{network}, random weights"
                made.random = [maps(made_by, one, name, "random weights") for one in work.shuffled]
    return made


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
