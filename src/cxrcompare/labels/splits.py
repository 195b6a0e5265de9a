"""Patient-disjoint splits that keep each finding's prevalence, and a check for disjointness.

Iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011, doi 10.1007/978-3-642-23808-6_10)
with patients as units, weighted by their number of images. The rarest finding comes first. Its
patients, in random order, are assigned to the split that needs most images with that finding.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError
from cxrcompare.image_table import SPLITS, ImageTable

FRACTIONS: Mapping[str, float] = {"train": 0.7, "valid": 0.1, "test": 0.2}


def assign(
    table: ImageTable, fractions: Mapping[str, float] | None = None, seed: int = 0
) -> ImageTable:
    """Returns the table with a split for every image.

    Official splits are kept. Images without an official split are assigned to the splits that the
    data set does not have, and to training. If every image has an official split, a missing split
    is taken out of training; without training images it stays missing (a test-only data set). All
    images of a patient are in the same split: if one has an official split, the others follow it.
    `notes["splits"]` states for each split whether it is "official", "derived" or "official in
    part".

    Args:
        table: The images; `split` is blank if there is no official split.
        fractions: The shares of images of train, valid and test, of sum 1; splits that are derived
            together share in proportion. A split with share 0 is not made. By default 0.7, 0.1
            and 0.2.
        seed: Seed of the order of patients and of tie-breaking.

    Raises:
        InputError: The fractions are wrong, a patient is in two official splits, or there are too
            few patients for the requested splits.
    """
    shares = _checked(FRACTIONS if fractions is None else fractions)
    check_disjoint(table)
    split = _follow_official(table)
    lacking = [name for name in shares if not (split == name).any()]
    pool = split == ""
    if lacking and not pool.any():
        pool = split == "train"
    if not pool.any():
        shares = {name: share for name, share in shares.items() if name not in lacking}
    else:
        names = [name for name in shares if name == "train" or name in lacking]
        part = np.array([shares[name] for name in names])
        split[pool] = np.array(names, object)[_derive(table, pool, part / part.sum(), seed)]
    short = [name for name in shares if not (split == name).any()]
    if short:
        raise InputError(
            f"{table.dataset}: there must be a patient for each of {', '.join(shares)}. Received: "
            f"{table.rows['patient_id'].nunique()} patients, which leave {short[0]} empty"
        )
    before = table.rows["split"].to_numpy(object)
    notes = {**table.notes, "splits": {name: _origin(before, split, name) for name in shares}}
    rows = table.rows.assign(split=split.astype(str))
    return replace(table, rows=rows, notes=notes)


def stratify(counts: np.ndarray, weights: np.ndarray, shares: np.ndarray, seed: int) -> np.ndarray:
    """Returns a split for each unit by iterative stratification, (P,) int in [0, S).

    Args:
        counts: Number of images of each unit with each label, (P, L), not negative.
        weights: Number of images of each unit, (P,).
        shares: The share of each split, (S,), of sum 1.
        seed: Seed of the order of units and of tie-breaking.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(counts))
    # The last label is one that every image has: it distributes units without findings.
    labels = np.column_stack([counts, weights]).astype(np.float64)[order]
    ties = rng.random((len(labels), len(shares)))
    wanted = np.outer(shares, labels.sum(axis=0))
    present = labels > 0
    chosen = np.full(len(labels), -1)
    while (chosen < 0).any():
        remaining = present[chosen < 0].sum(axis=0)
        label = int(np.argmin(np.where(remaining > 0, remaining, len(labels) + 1)))
        for unit in np.flatnonzero(present[:, label] & (chosen < 0)):
            need, images, tie = wanted[:, label], wanted[:, -1], ties[unit]
            chosen[unit] = max(range(len(shares)), key=lambda s: (need[s], images[s], tie[s]))
            wanted[chosen[unit]] -= labels[unit]
    result = np.empty_like(chosen)
    result[order] = chosen
    return result


def check_disjoint(table: ImageTable, hashes: np.ndarray | None = None) -> None:
    """Checks that no patient and no image is in two splits. Images without a split are ignored.

    Args:
        table: The images and their splits.
        hashes: The hash of each image's pixels, (N, B) uint8, in the order of the table. Equal
            images in two splits are refused even if they belong to two patients.

    Raises:
        InputError: A patient or an image is in two splits; the message names all three.
    """
    codes = pd.Index(SPLITS[:3]).get_indexer(pd.Index(table.rows["split"]))  # -1: no split
    patients = pd.factorize(table.rows["patient_id"])[0]
    torn = _first_in_two_splits(patients, codes)
    if torn is not None:
        one, other = (table.rows.iloc[row] for row in torn)
        raise InputError(
            f"{table.dataset}: a patient must be in one split. Received: patient "
            f"{one['patient_id']} in {one['split']} ({one['image_id']}) and in {other['split']} "
            f"({other['image_id']})"
        )
    if hashes is None:
        return
    if len(hashes) != len(table):
        raise InputError(
            f"`hashes` must have a row for each of the {len(table)} images. Received: {len(hashes)}"
        )
    keys = np.ascontiguousarray(hashes).view(np.dtype((np.void, hashes.shape[1]))).ravel()
    torn = _first_in_two_splits(np.unique(keys, return_inverse=True)[1], codes)
    if torn is not None:
        one, other = (table.rows.iloc[row] for row in torn)
        raise InputError(
            f"{table.dataset}: an image must be in one split. Received: the same pixels in "
            f"{one['split']} ({one['path']}) and in {other['split']} ({other['path']})"
        )


@dataclass(frozen=True)
class Disjointness:
    """Result of the checks of the splits of a table.

    Attributes:
        images: Number of images in each split.
        patients: Number of patients in each split, if none is in two splits; None if patients are
            unknown.
        images_compared: Whether the pixels of the images were compared between splits.
    """

    images: dict[str, int]
    patients: dict[str, int] | None
    images_compared: bool


def disjointness(table: ImageTable, hashes: np.ndarray | None = None) -> Disjointness:
    """Checks the splits and returns what was checked, with counts.

    Args:
        table: The images and their splits.
        hashes: As for `check_disjoint`.

    Raises:
        InputError: A patient or an image is in two splits.
    """
    check_disjoint(table, hashes)
    parts = [(name, table.rows[table.rows["split"] == name]) for name in SPLITS[:3]]
    parts = [(name, part) for name, part in parts if len(part)]
    patients = {name: int(part["patient_id"].nunique()) for name, part in parts}
    return Disjointness(
        images={name: len(part) for name, part in parts},
        patients=patients if table.patients_known else None,
        images_compared=hashes is not None,
    )


def _first_in_two_splits(groups: np.ndarray, codes: np.ndarray) -> tuple[int, int] | None:
    """Returns two rows of one group with different codes, or None; codes below 0 are ignored.

    Args:
        groups: The group of each row, (N,) int.
        codes: The split of each row, (N,) int.
    """
    rows = np.flatnonzero(codes >= 0)
    rows = rows[np.argsort(groups[rows], kind="stable")]
    torn = (np.diff(groups[rows]) == 0) & (np.diff(codes[rows]) != 0)
    if not torn.any():
        return None
    positions = np.flatnonzero(torn)
    first = positions[np.argmin(rows[positions])]
    return int(rows[first]), int(rows[first + 1])


def _checked(fractions: Mapping[str, float]) -> dict[str, float]:
    """Returns the shares that are not 0, in the order of the splits."""
    names = SPLITS[:3]
    values = list(fractions.values())
    if (
        not set(fractions) <= set(names)
        or not all(math.isfinite(value) and value >= 0 for value in values)
        or abs(sum(values) - 1) > 1e-6
        or not fractions.get("train")
    ):
        raise InputError(
            "`fractions` must give train, valid and test shares of sum 1, train more than 0. "
            f"Received: {dict(fractions)}"
        )
    return {name: fractions[name] for name in names if fractions.get(name)}


def _follow_official(table: ImageTable) -> np.ndarray:
    """Returns the splits; an image without a split has that of the other images of its patient."""
    split = table.rows["split"].to_numpy(object).copy()
    blank = split == ""
    assigned = table.rows[~blank]
    of_patient = dict(zip(assigned["patient_id"], assigned["split"], strict=True))
    split[blank] = [of_patient.get(patient, "") for patient in table.rows["patient_id"][blank]]
    return split


def _derive(table: ImageTable, pool: np.ndarray, shares: np.ndarray, seed: int) -> np.ndarray:
    """Returns a split for each image of the pool, (pool,) int.

    Positive and uncertain labels are stratified as separate labels.
    """
    # Patients are sorted by name, so that the order of the rows does not matter.
    patients, names = pd.factorize(table.rows["patient_id"].to_numpy(object)[pool], sort=True)
    states = table.states[pool]
    marks = np.concatenate([states == 1.0, states == -1.0], axis=1)
    counts = np.stack([np.bincount(patients, mark, len(names)) for mark in marks.T], axis=1)
    return stratify(counts, np.bincount(patients), shares, seed)[patients]


def _origin(before: np.ndarray, after: np.ndarray, name: str) -> str:
    if not (before == name).any():
        return "derived"
    return "official" if ((before == name) == (after == name)).all() else "official in part"
