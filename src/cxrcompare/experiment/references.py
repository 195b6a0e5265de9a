"""Reference labels, subgroups and context of a store, as inputs of `compare`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare import datasets
from cxrcompare.filesystem import files
from cxrcompare.filesystem.spreadsheet_cells import csv_text
from cxrcompare.image_table import ImageTable
from cxrcompare.images import near_duplicates
from cxrcompare.images.prepare import ImageStore
from cxrcompare.labels import splits
from cxrcompare.labels.policy import Policy
from cxrcompare.labels.reference_standard import reference
from cxrcompare.labels.splits import Disjointness
from cxrcompare.predictions import Note

TRAINING_IMAGES = 20_000
"""Training images in the file of subgroups; enough for a regression on a few columns."""
_METADATA = 3
"""Columns of metadata: sex, age and view."""


_LONGEST = 5000
"""Longest text of the protocol, in characters."""


def write_reference(
    table: ImageTable, findings: tuple[str, ...], policy: Policy, split: str, file: Path
) -> None:
    """Writes the reference standard of a split, one row per image; unknown labels are blank."""
    part = table.take((table.rows["split"] == split).to_numpy())
    columns = [table.findings.index(finding) for finding in findings]
    labels = pd.DataFrame(reference(part, policy.blank)[:, columns], columns=list(findings))
    labels = labels.astype("Int64")  # 1 and 0, not 1.0 and 0.0
    _write_csv(pd.concat([part.rows[_ids(table)], labels], axis=1), file)


def write_subgroups(
    table: ImageTable, findings: tuple[str, ...], policy: Policy, file: Path
) -> tuple[str, ...]:
    """Writes sex, age and view of all images, and the labels of training; unknown is blank.

    A column is left out if it is unknown for all test images. If all are, no file is written. Ages
    are in years; `compare` makes the age bands. The labels are for the metadata baseline, which is
    fitted on the training images. Of more than `TRAINING_IMAGES` training images, as many are
    chosen at random.

    Args:
        table: The images.
        findings: The findings of the labels.
        policy: The rule for blank labels.
        file: The file.

    Returns:
        The columns that are left out.
    """
    chosen = _chosen(table)
    part = chosen.rows
    ages = ["" if np.isnan(age) else f"{age:g}" for age in part["age"]]
    columns = part[["sex"]].assign(age=ages, view=part["view"])
    known = (columns[part["split"] == "test"] != "").any()
    if known.any():
        indices = [table.findings.index(finding) for finding in findings]
        values = reference(chosen, policy.blank)[:, indices]
        values[(part["split"] != "train").to_numpy()] = np.nan
        labels = pd.DataFrame(values, columns=list(findings), index=part.index).astype("Int64")
        _write_csv(pd.concat([part[_ids(table)], columns.loc[:, known], labels], axis=1), file)
    return tuple(columns.columns[~known])


def _chosen(table: ImageTable) -> ImageTable:
    """Returns the valid and test images, and at most `TRAINING_IMAGES` of training, in order."""
    split = table.rows["split"].to_numpy()
    training = np.flatnonzero(split == "train")
    if len(training) > TRAINING_IMAGES:
        training = np.random.default_rng(0).choice(training, TRAINING_IMAGES, replace=False)
    keep = np.isin(split, ["valid", "test"])
    keep[training] = True
    return table.take(keep)


def without_metadata(unknown: tuple[str, ...]) -> tuple[Note, ...]:
    """Returns the warning for columns that `write_subgroups` left out.

    Args:
        unknown: The columns that `write_subgroups` returns.
    """
    if not unknown:
        return ()
    named = " or ".join((", ".join(unknown[:-1]), unknown[-1]) if unknown[1:] else unknown)
    effect = "no subgroups by it" if len(unknown) == 1 else "no subgroups by these"
    if len(unknown) == _METADATA:
        effect = "no subgroups and no metadata baseline"
    return (Note("metadata_unknown", f"the data set has no {named} of the test images: {effect}"),)


def near_duplicates_note(store: ImageStore) -> tuple[Note, ...]:
    """Returns a warning if nearly equal images are in different splits."""
    pairs = store.description["near_duplicates"]
    if not pairs:
        return ()
    text = f"{near_duplicates.describe(pairs)}: a model may have seen test images in training"
    return (Note("near_duplicates", f"{text}; listed in near_duplicates.csv of the store"),)


def context(
    store: ImageStore, findings: tuple[str, ...], policy: Policy, runs: Sequence[Path] = ()
) -> dict[str, Any]:
    """Returns the context of the comparison: data, splits, columns, label policy, weights, device.

    Args:
        store: The store of the experiment.
        findings: The findings of the experiment.
        policy: The label policy.
        runs: The folders of the finished runs.
    """
    table = store.table
    train = table.take((table.rows["split"] == "train").to_numpy())
    positive = np.nan_to_num(reference(train, policy.blank), nan=-1.0)
    known = positive >= 0
    prevalence = (positive == 1).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    by_finding = dict(zip(table.findings, prevalence.tolist(), strict=True))
    patients, *decisions = datasets.decisions(table)
    columns = [line.partition("; --findings")[0] for line in decisions]  # without the hint
    return {
        "patients_source": patients.removeprefix("patients: "),
        "finding_columns": _short("; ".join(columns)),
        "rejected_files": rejected(store),
        "near_duplicates": near_duplicates.describe(store.description["near_duplicates"]),
        "starting_weights": _weights(runs),
        "device": _device(runs),
        "data": f"{store.description['dataset']}: {store.description['source']}",
        "split": _split(table, splits.disjointness(table, store.hashes)),
        "synthetic": bool(table.notes.get("synthetic", False)),
        "uncertainty_policy": _policy(findings, policy),
        "blank_rule": f"blank is {'negative' if policy.blank == 'negative' else 'left out'} if "
        "labels come from reports, and unknown if radiologists labelled the images",
        "training_prevalence": {finding: by_finding[finding] for finding in findings},
    }


def rejected(store: ImageStore) -> str:
    """Returns the number of files of a store that could not be decoded, of all."""
    count = store.description["rejected"]
    return f"{count:,} of {count + store.description['images']:,}"


def _weights(runs: Sequence[Path]) -> str | None:
    """Returns the starting weights that each run loaded, by network."""
    loaded: dict[str, list[str]] = {}
    for folder in runs:
        weights = str(files.read_json(folder / "summary.json").get("weights"))
        name = folder.name.rpartition("__seed")[0]
        loaded[name] = [*dict.fromkeys([*loaded.get(name, []), weights])]
    return (
        _short("; ".join(f"{name}: {', '.join(kinds)}" for name, kinds in loaded.items())) or None
    )


def _device(runs: Sequence[Path]) -> str | None:
    """Returns the processors that trained the runs, with framework and version."""
    found = []
    for folder in runs:
        trained = files.read_json(folder / "environment.json")
        hardware, backend = trained.get("hardware", {}), str(trained.get("backend"))
        versions = trained.get("versions", {})
        version = versions.get(backend) or versions.get(f"{backend}-cpu", "")
        found.append(f"{hardware.get('gpu') or hardware.get('processor')}, {backend} {version}")
    return _short("; ".join(dict.fromkeys(found))) or None


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def _ids(table: ImageTable) -> list[str]:
    """Returns the id columns; patient ids are left out if patients are unknown."""
    return ["image_id", "study_id", *(["patient_id"] if table.patients_known else [])]


def _split(table: ImageTable, checked: Disjointness) -> str:
    """Returns a description of the test split and of its disjointness, with counts."""
    origin = table.notes.get("splits", {}).get("test", "official")
    images = f"images: {_counts(checked.images)}"
    if checked.patients is None:
        reason = table.notes.get("patients", "each image counts as a patient")
        return (
            f"test, {origin}, disjoint by image; patients are not known ({reason}), so a patient "
            f"may be in two splits ({images})"
        )
    return (
        f"test, {origin}, disjoint by patient and image "
        f"(patients: {_counts(checked.patients)}, none in two; {images})"
    )


def _counts(numbers: dict[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in numbers.items())


def _policy(findings: tuple[str, ...], policy: Policy) -> str:
    rules = policy.rules(findings)
    if len(set(rules)) == 1:
        return rules[0]
    return ", ".join(f"{name} {rule}" for name, rule in zip(findings, rules, strict=True))


def _write_csv(frame: pd.DataFrame, file: Path) -> None:
    files.write_text(file, csv_text(frame))
