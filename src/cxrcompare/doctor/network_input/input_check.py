"""Examines a run on a store: tests whether an alteration of the images raises the mean AUROC."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cxrcompare import models
from cxrcompare.comparison.inference.multiplicity import holm
from cxrcompare.doctor.joining import enough_patients
from cxrcompare.doctor.network_input.alterations import (
    Alteration,
    alterations,
    own_normalisation,
)
from cxrcompare.doctor.network_input.altered_predictions import predict_altered
from cxrcompare.doctor.problem import Problem
from cxrcompare.errors import InputError
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.findings import select
from cxrcompare.images.prepare import ImageStore, open_store
from cxrcompare.options.declaration import check
from cxrcompare.options.result_commands import Doctor
from cxrcompare.training.feeding.run_data import part
from cxrcompare.training.predict import finished_config
from cxrcompare.training.steps import device

SPLITS = ("test", "valid")
"""The splits that are examined: the first one with images is the default."""

LEVEL = 0.05
"""Family-wise error rate of the tests of all alterations."""

SMALL = 0.01
"""A gain of mean AUROC below this is reported as a note, not as a problem."""


@dataclass(frozen=True)
class Sample:
    """Labelled images.

    Attributes:
        split: The name of their split.
        findings: The F findings that both the run and the store have.
        rows: (N,) rows of the store.
        labels: (N, F) in {0, 1, NaN}.
        patients: (N,) indices of the patients, 0 to G - 1.
    """

    split: str
    findings: tuple[str, ...]
    rows: np.ndarray
    labels: np.ndarray
    patients: np.ndarray


@dataclass(frozen=True)
class Effects:
    """The effect of A alterations on the mean AUROC.

    Attributes:
        findings: Number of findings in the mean.
        auroc: The mean AUROC of the images as they are.
        low: Lower limit of its 95 % interval.
        high: Upper limit.
        gain: (A,) the mean AUROC with the alteration, minus that without.
        gain_low: (A,) lower limits of the 95 % intervals of the gains.
        gain_high: (A,) upper limits.
        p_value: (A,) adjusted by Holm's method; NaN if the alteration changed no image.
    """

    findings: int
    auroc: float
    low: float
    high: float
    gain: np.ndarray
    gain_low: np.ndarray
    gain_high: np.ndarray
    p_value: np.ndarray

    @property
    def better(self) -> np.ndarray:
        """The alterations with a significant gain, the largest gain first."""
        found = np.flatnonzero((self.p_value <= LEVEL) & (self.gain > 0))
        return found[np.argsort(-self.gain[found], kind="stable")]


def examine_input(
    run: str | os.PathLike[str],
    store: str | os.PathLike[str],
    split: str | None = None,
    images: int = Doctor.images,
) -> list[Problem]:
    """Returns the problems of how the images of a store are fed to a run; notes are last.

    Some labelled images of a split are predicted as they are, and again after each of several
    alterations. Each alteration is tested for a higher mean AUROC: paired, clustered by patient,
    with p-values adjusted by Holm's method.

    Args:
        run: The folder of a finished training.
        store: An image store with labels.
        split: One of `SPLITS`; by default the first with images.
        images: The largest number of images, chosen at random with a fixed seed.

    Raises:
        InputError: The run is not finished, or the store has too few labelled images.
    """
    check(Doctor, split=split, images=images)
    run, store = Path(run), Path(store)
    config = finished_config(run)
    opened = open_store(store)
    chosen = _sample(opened, config["findings"], config.get("blank", "negative"), split, images)
    device.start()
    model = models.load(run / "model.keras")
    listed = alterations(*own_normalisation(model))
    found = predict_altered(model, opened, chosen.rows, int(config["image_size"]), listed)
    columns = [list(config["findings"]).index(name) for name in chosen.findings]
    measured = effects(chosen, found.logits[:, :, columns], found.effective)
    same = opened.description["content_hash"] == config.get("store_content_hash")
    return _problems(listed, measured, chosen, same)


def effects(sample: Sample, scores: np.ndarray, effective: np.ndarray) -> Effects:
    """Returns the effect of each alteration on the mean AUROC.

    Args:
        sample: The images.
        scores: (1 + A, N, F), first of the images as they are.
        effective: (A,) bool, whether the alteration changed any image.

    Sources: DeLong et al. 1988, doi 10.2307/2531595; Obuchowski 1997, doi 10.2307/2533958;
    Holm 1979, https://www.jstor.org/stable/4615733.
    """
    eligible = np.zeros(sample.labels.shape[1], bool)
    eligible[enough_patients(sample.labels, sample.patients)] = True
    single = [[version] for version in range(len(scores))]
    areas = auroc_tests.estimate(sample.labels, scores, sample.patients, single, eligible)
    low, high = auroc_tests.intervals(areas)
    altered = np.arange(1, len(scores))
    tests = auroc_tests.differences(areas, altered, np.zeros_like(altered))
    p_values = tests.p_value[:, -1]
    ends = tests.interval(0.95)
    return Effects(
        int(eligible.sum()),
        float(areas.value[0, -1]),
        float(low[0, -1]),
        float(high[0, -1]),
        tests.difference[:, -1],
        ends[0][:, -1],
        ends[1][:, -1],
        holm(np.where(effective, p_values, np.nan)),
    )


def _sample(
    store: ImageStore, findings: list[str], blank: str, split: str | None, images: int
) -> Sample:
    """Returns at most `images` labelled images of a split, chosen at random.

    Raises:
        InputError: The store has no images of the split, none of the findings, or too few labels.
    """
    shared = [name for name in findings if name in store.table.findings]
    if not shared:
        raise InputError(
            f"{store.folder}: must have labels of findings of the run, such as {findings[0]}. "
            f"Received: {', '.join(store.table.findings)}"
        )
    names = select(shared, store.table.findings)
    options = [split] if split else [*SPLITS]
    found = next((name for name in options if part(store, name, names, blank)), None)
    taken = part(store, found, names, blank) if found else None
    if found is None or taken is None:
        raise InputError(
            f"{store.folder}: must have images of the split {' or '.join(options)}. Received: none"
        )
    known = np.flatnonzero(~np.isnan(taken.labels).all(axis=1))
    if len(known) > images:
        known = np.sort(np.random.default_rng(0).choice(known, images, replace=False))
    patients = taken.table.rows["patient_id"].to_numpy()[known].astype(str)
    groups = np.unique(patients, return_inverse=True)[1]
    labels = taken.labels[known]
    if not len(known) or not len(enough_patients(labels, groups)):
        raise InputError(
            f"{store.folder}: the split {found} must have at least five patients with, and five "
            f"without, one of the findings. Received: {len(known)} labelled images"
        )
    return Sample(found, names, taken.rows[known], labels, groups)


def _problems(
    listed: tuple[Alteration, ...], found: Effects, sample: Sample, same_store: bool
) -> list[Problem]:
    """Returns the problem of the best alteration, if one is better, and a note with all effects."""
    own = "This is the store that the run was trained on."
    origin = own if same_store else "The run was trained on another store."
    problems = []
    if len(found.better):
        best = int(found.better[0])
        text = f"The network does significantly better on altered images: {listed[best].name}."
        if found.gain[best] < SMALL:
            text = f"{text} The gain is small."
        problems.append(
            Problem(
                "input",
                text,
                (_line(listed[best].name, found, best), origin),
                advice=listed[best].advice,
                note=bool(found.gain[best] < SMALL),
            )
        )
    text = (
        f"Mean AUROC of {found.findings} of {len(sample.findings)} findings over "
        f"{len(sample.rows)} images of {len(np.unique(sample.patients))} patients of the split "
        f"{sample.split}: {found.auroc:.3f} (95 % interval {found.low:.3f} to {found.high:.3f}). "
        "Its change with each alteration (95 % interval; p adjusted for all alterations):"
    )
    order = np.lexsort([-found.gain, np.isnan(found.p_value)])
    lines = [_line(listed[index].name, found, int(index)) for index in order]
    advice = origin
    if not found.low > 0.5 and not problems:
        advice = f"{origin} The AUROC is not above chance, and no alteration improves it."
    return [*problems, Problem("effects", text, tuple(lines), advice=advice, note=True)]


def _line(name: str, found: Effects, index: int) -> str:
    if np.isnan(found.p_value[index]):
        return f"no image changes: {name}"
    p_value = found.p_value[index]
    shown = f"= {p_value:.3f}" if p_value >= 0.001 else "< 0.001"
    return (
        f"{found.gain[index]:+.3f} ({found.gain_low[index]:+.3f} to "
        f"{found.gain_high[index]:+.3f}), p {shown}: {name}"
    )
