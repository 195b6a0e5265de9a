"""Checks of the data of an experiment: metadata, splits, and both classes of each finding."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare import progress
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.errors import InputError
from cxrcompare.experiment.references import rejected, write_reference, write_subgroups
from cxrcompare.image_table import SPLITS, ImageTable
from cxrcompare.images import near_duplicates
from cxrcompare.images.store import ImageStore
from cxrcompare.labels import splits
from cxrcompare.labels.policy import Policy, targets
from cxrcompare.labels.reference_standard import reference
from cxrcompare.predictions import write_predictions


def split_line(table: ImageTable) -> str:
    """Checks the splits and returns a line with images and patients of each.

    Raises:
        InputError: A split is missing, or a patient is in two.
    """
    missing = [name for name in SPLITS[:3] if name not in set(table.rows["split"])]
    if missing:
        raise InputError(
            f"{table.dataset}: there must be train, valid and test images. "
            f"Received: none for {', '.join(missing)}"
        )
    found = splits.disjointness(table)
    origin = table.notes.get("splits", {})
    texts = []
    for name, images in found.images.items():
        of = f" of {found.patients[name]:,} patients" if found.patients else ""
        texts.append(f"{name} {images:,} images{of} ({origin.get(name, 'official')})")
    disjoint = "no patient in two" if found.patients else "patients are not known"
    return f"splits: {'; '.join(texts)}; {disjoint}"


def class_lines(
    table: ImageTable, findings: Sequence[str], policy: Policy, monitors_auroc: bool
) -> list[str]:
    """Checks that labels of each split suffice, and returns a line per finding with counts.

    Args:
        table: The images with their splits.
        findings: The findings of the experiment.
        policy: The label policy.
        monitors_auroc: Whether a training needs the validation AUROC.

    Raises:
        InputError: No training label is known; or no finding has positives and negatives in the
            test split or, if its AUROC is needed, in the validation split.
    """
    columns = [table.findings.index(finding) for finding in findings]
    labels = reference(table, policy.blank)[:, columns]
    counts = {}
    for name in SPLITS[:3]:
        part = labels[(table.rows["split"] == name).to_numpy()]
        counts[name] = np.stack([(part == 1).sum(axis=0), (part == 0).sum(axis=0)], axis=1)
    train = table.states[(table.rows["split"] == "train").to_numpy()][:, columns]
    own = policy
    if table.notes.get("blank") == "unknown":
        own = policy.model_copy(update={"blank": "ignore"})
    if not targets(train, findings, own).weights.any():
        raise InputError(
            f"{table.dataset}: at least one training label must be known. "
            f"Received: none for {', '.join(findings)}"
        )
    for name in ("valid", "test") if monitors_auroc else ("test",):
        if not counts[name].all(axis=1).any():
            shown = ", ".join(
                f"{finding} {p} and {n}"
                for finding, (p, n) in zip(findings, counts[name], strict=True)
            )
            raise InputError(
                f"{table.dataset}: the {name} split must have positives and negatives of at least "
                f"one finding. Received: {shown}"
            )
    return [_class_line(finding, counts, row) for row, finding in enumerate(findings)]


def _class_line(finding: str, counts: dict[str, np.ndarray], row: int) -> str:
    shown = ", ".join(f"{name} {part[row, 0]:,}/{part[row, 1]:,}" for name, part in counts.items())
    one_class = [name for name in ("valid", "test") if not counts[name][row].all()]
    note = f"; no AUROC: one class in {' and '.join(one_class)}" if one_class else ""
    return f"{finding}: positive/negative images {shown}{note}"


def rejected_line(store: ImageStore) -> str:
    """Returns a line with the number of files that could not be decoded."""
    listed = f"; listed in {store.folder / 'rejected.csv'}" if store.description["rejected"] else ""
    return f"rejected files: {rejected(store)}{listed}"


def near_duplicates_line(store: ImageStore) -> str:
    """Returns a line with the number of nearly equal images in different splits."""
    pairs = store.description["near_duplicates"]
    listed = f"; listed in {store.folder / 'near_duplicates.csv'}" if pairs else ""
    return f"near-duplicates: {near_duplicates.describe(pairs)}{listed}"


def metadata_line(table: ImageTable) -> str:
    """Returns a line with the number of test images whose sex, age and view are known."""
    test = table.rows[table.rows["split"] == "test"]
    known = {"sex": test["sex"] != "", "age": test["age"].notna(), "view": test["view"] != ""}
    shown = ", ".join(f"{name} {int(values.sum()):,}" for name, values in known.items())
    return f"metadata known, of {len(test):,} test images: {shown}"


def rehearse(
    table: ImageTable,
    findings: tuple[str, ...],
    policy: Policy,
    options: Options,
    models: Sequence[str],
    seeds: Sequence[int] = (0,),
) -> None:
    """Compares random predictions, so that an error in the data is found before the training.

    Args:
        table: The images with their splits.
        findings: The findings of the experiment.
        policy: The label policy.
        options: The options of the comparison; fewer replicates are drawn.
        models: The names of the models.
        seeds: Their seeds; two of them stand for more.

    Raises:
        InputError: The comparison of the experiment would fail.
    """
    rng = np.random.default_rng(0)
    files = [f"{model}__seed{seed}.csv" for model in models for seed in seeds[:2]]
    with tempfile.TemporaryDirectory(prefix="cxrcompare-") as name:
        folder = Path(name)
        for split in ("valid", "test"):
            write_reference(table, findings, policy, split, folder / f"reference-{split}.csv")
            part = table.rows[table.rows["split"] == split]
            for file in files:
                write_predictions(
                    folder / split / file,
                    findings,
                    rng.random((len(part), len(findings))).astype(np.float32),
                    image_ids=_texts(part["image_id"]),
                    study_ids=_texts(part["study_id"]),
                    patient_ids=_texts(part["patient_id"]) if table.patients_known else None,
                )
        subgroups = folder / "subgroups.csv"
        write_subgroups(table, findings, policy, subgroups)
        try:
            with progress.hidden():
                compare(
                    [folder / "test" / file for file in files],
                    folder / "reference-test.csv",
                    validation=[folder / "valid" / file for file in files],
                    validation_reference=folder / "reference-valid.csv",
                    subgroups=subgroups if subgroups.exists() else None,
                    options=options,
                )
        except InputError as error:
            raise InputError(str(error).replace(f"{folder}/", "comparison/")) from error


def _texts(column: pd.Series) -> list[str]:
    return [str(text) for text in column]
