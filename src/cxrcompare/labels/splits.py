"""Patient-disjoint splits that keep each finding's prevalence, and the check that they are so.

Iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011, doi 10.1007/978-3-642-23808-6_10)
with patients as the units, each weighing as much as it has images: the rarest finding first, its
patients in random order, each to the split that lacks most of that finding.
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
    """Returns the table with every image in a split.

    Official splits stay. Images without one go to the splits that the data set lacks, and to
    training; where every image has one, a lacking split is taken out of training, or stays lacking
    where there is none: such a data set is for testing. All images of a patient go together: where
    one has an official split, the others follow it. `notes["splits"]` says of each split whether it
    is "official", "derived", or "official in part".

    Args:
        table: The images; `split` is blank where there is no official one.
        fractions: The share of images that each of train, valid and test is to have, of sum 1;
            splits that are derived together share in proportion. 0 asks for no such split. By
            default 0.7, 0.1 and 0.2.
        seed: Seeds the order of patients and the breaking of ties.

    Raises:
        InputError: The fractions are wrong, a patient is in two official splits, or there are too
            few patients for the splits that are asked for.
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
        counts: How many images of each unit have each label, (P, L), not negative.
        weights: How many images each unit has, (P,).
        shares: The share of each split, (S,), of sum 1.
        seed: Seeds the order of units and the breaking of ties.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(counts))
    # The last label is one that every image has: it shares out what has no finding.
    labels = np.column_stack([counts, weights]).astype(np.float64)[order]
    ties = rng.random((len(labels), len(shares)))
    wanted = np.outer(shares, labels.sum(axis=0))
    present = labels > 0
    chosen = np.full(len(labels), -1)
    while (chosen < 0).any():
        remaining = present[chosen < 0].sum(axis=0)
        label = int(np.argmin(np.where(remaining > 0, remaining, len(labels) + 1)))
        for unit in np.flatnonzero(present[:, label] & (chosen < 0)):
            need, room, tie = wanted[:, label], wanted[:, -1], ties[unit]
            chosen[unit] = max(range(len(shares)), key=lambda s: (need[s], room[s], tie[s]))
            wanted[chosen[unit]] -= labels[unit]
    result = np.empty_like(chosen)
    result[order] = chosen
    return result


def check_disjoint(table: ImageTable, hashes: np.ndarray | None = None) -> None:
    """Checks that no patient and no picture is in two splits. Images without a split do not count.

    Args:
        table: The images and their splits.
        hashes: The hash of each image's pixels, (N, B) uint8, in the order of the table. The same
            picture in two splits is refused even under two patients.

    Raises:
        InputError: A patient or a picture is in two splits; the message names it and them.
    """
    codes = pd.Index(SPLITS[:3]).get_indexer(pd.Index(table.rows["split"]))  # -1: no split
    patients = pd.factorize(table.rows["patient_id"])[0]
    torn = _first_torn(patients, codes)
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
    torn = _first_torn(np.unique(keys, return_inverse=True)[1], codes)
    if torn is not None:
        one, other = (table.rows.iloc[row] for row in torn)
        raise InputError(
            f"{table.dataset}: a picture must be in one split. Received: the same pixels in "
            f"{one['split']} ({one['path']}) and in {other['split']} ({other['path']})"
        )


@dataclass(frozen=True)
class Disjointness:
    """What was checked of the splits of a table.

    Attributes:
        images: How many images each split has.
        patients: How many patients each split has, none of them in two; None where patients are
            not known.
        pictures: Whether the pictures were compared: none is in two splits.
    """

    images: dict[str, int]
    patients: dict[str, int] | None
    pictures: bool


def disjointness(table: ImageTable, hashes: np.ndarray | None = None) -> Disjointness:
    """Checks the splits and returns what was checked, with counts.

    Args:
        table: The images and their splits.
        hashes: As for `check_disjoint`.

    Raises:
        InputError: A patient or a picture is in two splits.
    """
    check_disjoint(table, hashes)
    parts = [(name, table.rows[table.rows["split"] == name]) for name in SPLITS[:3]]
    parts = [(name, part) for name, part in parts if len(part)]
    patients = {name: int(part["patient_id"].nunique()) for name, part in parts}
    return Disjointness(
        images={name: len(part) for name, part in parts},
        patients=patients if table.patients_known else None,
        pictures=hashes is not None,
    )


def _first_torn(groups: np.ndarray, codes: np.ndarray) -> tuple[int, int] | None:
    """Returns two rows of one group with different codes, or None; a code below 0 does not count.

    Args:
        groups: The group of each row, (N,) int.
        codes: The split of each row, (N,) int.
    """
    rows = np.flatnonzero(codes >= 0)
    rows = rows[np.argsort(groups[rows], kind="stable")]
    torn = (np.diff(groups[rows]) == 0) & (np.diff(codes[rows]) != 0)
    if not torn.any():
        return None
    place = np.flatnonzero(torn)
    first = place[np.argmin(rows[place])]
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
    """Returns the splits, with images that have none put where their patient's others are."""
    split = table.rows["split"].to_numpy(object).copy()
    blank = split == ""
    known = table.rows[~blank]
    of_patient = dict(zip(known["patient_id"], known["split"], strict=True))
    split[blank] = [of_patient.get(patient, "") for patient in table.rows["patient_id"][blank]]
    return split


def _derive(table: ImageTable, pool: np.ndarray, shares: np.ndarray, seed: int) -> np.ndarray:
    """Returns a split for each image of the pool, (pool,) int.

    Positive and uncertain labels are kept in proportion, each as a label of its own.
    """
    # In the order of their names, so that the order of the rows does not matter.
    patients, names = pd.factorize(table.rows["patient_id"].to_numpy(object)[pool], sort=True)
    states = table.states[pool]
    marks = np.concatenate([states == 1.0, states == -1.0], axis=1)
    counts = np.stack([np.bincount(patients, mark, len(names)) for mark in marks.T], axis=1)
    return stratify(counts, np.bincount(patients), shares, seed)[patients]


def _origin(before: np.ndarray, after: np.ndarray, name: str) -> str:
    if not (before == name).any():
        return "derived"
    return "official" if ((before == name) == (after == name)).all() else "official in part"
