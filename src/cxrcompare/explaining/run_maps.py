"""The maps of a finished run that are measured: trained, with random layers, and occluded parts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from cxrcompare.comparison.row_types.localisation_rows import Kind
from cxrcompare.evaluation.thresholds import operating
from cxrcompare.explaining.loaded_networks import LoadedNetworks
from cxrcompare.explaining.map_making import MapMaker, occluding
from cxrcompare.explaining.maps import Maps, compute
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import ImageStore
from cxrcompare.labels.reference_standard import reference
from cxrcompare.localisation.maps.map_set import MapSet, from_arrays
from cxrcompare.options.image_commands import MapMethod
from cxrcompare.progress import Advance
from cxrcompare.training.feeding.batches import plain_batches
from cxrcompare.training.feeding.image_source import BATCH

_NORMALISED = 64
"""The first images of the split, for the statistics of randomised layers."""
_STEPS = 5
"""Steps of the randomisation, from the head to all layers."""
_COMPARED = 32
"""The most images whose maps are compared while only some layers are randomised."""


@dataclass(frozen=True)
class MeasuredImages:
    """Images of a split that are measured.

    Attributes:
        ids: Their ids.
        rows: Their rows in the store.
    """

    ids: tuple[str, ...]
    rows: np.ndarray

    def first(self, most: int) -> MeasuredImages:
        """Returns the first images."""
        return MeasuredImages(self.ids[:most], self.rows[:most])

    def of(self, chosen: list[int]) -> MeasuredImages:
        """Returns the images with these indices."""
        return MeasuredImages(tuple(self.ids[index] for index in chosen), self.rows[chosen])


@dataclass(frozen=True)
class Work:
    """What is to be made of each run.

    Attributes:
        store: The store.
        splits: The images that are measured: test images, then validation images, if there are any.
        shuffled: The images whose maps are made with random weights; may be empty.
        findings: The findings.
        method: The method of the maps.
        makers: The networks that are loaded already.
        candidates: The images of which some are occluded, if class maps have too few cells.
        each: The images predicted positive, and negative, of each finding that are occluded.
        occluded: The most images of which parts are occluded.
    """

    store: ImageStore
    splits: list[MeasuredImages]
    shuffled: list[MeasuredImages]
    findings: tuple[str, ...]
    method: MapMethod
    makers: LoadedNetworks
    candidates: MeasuredImages
    each: int
    occluded: int


@dataclass
class RunMaps:
    """The maps of a run.

    Attributes:
        trained: Of each split.
        random: Of each split of `Work.shuffled`, with all weights random.
        layers: Of some images, after each step of the randomisation but the last.
        thresholds: (F,), the logits from which the run predicts a finding.
        occluded: The images of which parts were occluded, or None.
        occlusion: The occlusion maps of these images, or None.
    """

    trained: list[MapSet] = field(default_factory=list)
    random: list[MapSet] = field(default_factory=list)
    layers: list[MapSet] = field(default_factory=list)
    thresholds: np.ndarray = field(default_factory=lambda: np.zeros(0))
    occluded: MeasuredImages | None = None
    occlusion: MapSet | None = None


def name_of(run: Path) -> tuple[str, str]:
    """Returns network and seed of a run from the name of its folder."""
    network, _, seed = run.resolve().name.partition("__seed")
    return network, seed


class Run(NamedTuple):
    """A run whose maps are made.

    Attributes:
        folder: Its folder.
        config: Its configuration.
        first: Whether it is the first seed of its network: only then layers are randomised and
            parts occluded.
        done: The maps of the first split, if they have been computed; or None.
    """

    folder: Path
    config: dict[str, Any]
    first: bool
    done: Maps | None


def images_of(run: Run, work: Work) -> int:
    """Returns the number of images of which `run_maps` makes maps, without those of occlusion."""
    todo = work.splits[1:] if run.done else work.splits
    shuffled = work.shuffled if run.first else []
    few = [one.first(_COMPARED) for one in shuffled[:1]] * (_STEPS - 1)
    return sum(len(one.ids) for one in (*todo, *few, *shuffled))


def run_maps(run: Run, work: Work, advance: Advance) -> RunMaps:
    """Returns the maps of a run; the network is loaded once.

    Args:
        run: The run.
        work: The images, findings and method.
        advance: Called with the number of new images.
    """
    config, size, network = run.config, int(run.config["image_size"]), name_of(run.folder)
    columns = [list(config["findings"]).index(finding) for finding in work.findings]
    maker = work.makers.maker(run.folder, columns, work.method)
    job, made, done = _Job(work, size, maker, advance), RunMaps(), run.done
    todo = work.splits[1:] if done else work.splits
    made.trained = [job.maps(one, network[0], "network", network[1]) for one in todo]
    if done is not None:
        known = from_arrays(*network, done.ids, done.findings, done.values, done.logits)
        made.trained.insert(0, known.of_findings(work.findings))
    made.thresholds = _thresholds(made.trained, work, str(config["blank"]))
    if run.first and work.method == "class-map" and maker.fineness > 1:
        made.occluded, made.occlusion = job.occlusion(network, made.thresholds)
    if run.first and work.shuffled:
        made.layers, made.random = job.randomised(network[0])
    return made


@dataclass(frozen=True)
class _Job:
    """The maps of one run.

    Attributes:
        work: The images, findings and method.
        size: Side of the network's images in pixels.
        maker: Makes the maps.
        advance: Called with the number of new images.
    """

    work: Work
    size: int
    maker: MapMaker
    advance: Advance

    def maps(
        self, images: MeasuredImages, name: str, kind: Kind, seed: str = "", maker: Any = None
    ) -> MapSet:
        """Returns the maps of images, by default of the trained network."""
        batches = self._batches(images.rows)
        logits, values = compute(maker or self.maker, batches, len(images.ids), self.advance)
        return from_arrays(name, seed, images.ids, self.work.findings, values, logits, kind)

    def occlusion(
        self, network: tuple[str, str], thresholds: np.ndarray
    ) -> tuple[MeasuredImages, MapSet] | tuple[None, None]:
        """Returns the images of which parts are occluded, and their maps."""
        every = self.work.candidates
        found = [self.maker.logits(batch) for batch in self._batches(every.rows)]
        logits = np.concatenate(found)[: len(every.ids)]
        chosen = occluded_sample(logits - thresholds, self.work.each, self.work.occluded)
        if not chosen:
            return None, None
        images = every.of(chosen)
        _, values = compute(occluding(self.maker), self._batches(images.rows), len(chosen))
        return images, from_arrays(*network, images.ids, self.work.findings, values, logits[chosen])

    def randomised(self, network: str) -> tuple[list[MapSet], list[MapSet]]:
        """Returns the maps after some, and after all layers got random weights."""
        from cxrcompare.explaining.methods.randomised_layers import randomised

        rows = self.work.splits[0].rows[:_NORMALISED]
        images = next(iter(plain_batches(self.work.store.pixels, rows, _NORMALISED, self.size)))
        few, every = self.work.shuffled[0].first(_COMPARED), self.work.shuffled
        layers: list[MapSet] = []
        for step in randomised(self.maker.model, images, _STEPS):
            maker = self.maker.renewed()
            if step.layers == step.total:
                name = f"{network}, random weights"
                random = [self.maps(one, name, "random weights", maker=maker) for one in every]
                return layers, random
            name = f"{network}, {step.layers} of {step.total} layers random"
            layers.append(self.maps(few, name, "random weights", maker=maker))
        return layers, []

    def _batches(self, rows: np.ndarray) -> Iterator[np.ndarray]:
        return plain_batches(self.work.store.pixels, rows, BATCH, self.size)


def occluded_sample(above: np.ndarray, each: int, most: int) -> list[int]:
    """Returns the first images until there are enough positives and negatives of each finding.

    Positives come first: an image is taken if a finding that it is predicted to have needs more of
    them, then others in the same way for negatives.

    Args:
        above: (N, F), the logit minus the threshold of the finding.
        each: The number of images predicted positive, and negative, of each finding.
        most: The most images.

    Returns:
        Indices of images, ascending.
    """
    chosen: list[int] = []
    for called in (above >= 0, above < 0):
        found = called[chosen].sum(axis=0)
        for index, row in enumerate(called):
            if len(chosen) < most and index not in chosen and (row & (found < each)).any():
                found += row
                chosen.append(index)
    return sorted(chosen)


def _thresholds(trained: list[MapSet], work: Work, blank: str) -> np.ndarray:
    """Returns Youden's thresholds of the validation images, (F,); 0 where there are none."""
    none = np.zeros(len(work.findings))
    if len(trained) < 2 or trained[1].logits is None:
        return none
    labels = _labels(work.store.table, work.splits[1].rows, work.findings, blank)
    logits = trained[1].logits.astype(np.float64)
    pairs = zip(labels.T, logits.T, strict=True)
    return np.nan_to_num(np.array([operating.youden(*pair).threshold for pair in pairs]), nan=0.0)


def _labels(
    table: ImageTable, rows: np.ndarray, findings: tuple[str, ...], blank: str
) -> np.ndarray:
    columns = [table.findings.index(finding) for finding in findings]
    return reference(table.take(rows), blank)[:, columns]
