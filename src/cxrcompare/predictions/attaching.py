"""Aligns metadata and reader files with aligned predictions, joined by id."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError
from cxrcompare.predictions.alignment import Aligned, check_joined, missing, reference_units
from cxrcompare.predictions.columns import finding_key
from cxrcompare.predictions.studies import Note, studies_of, study_of_images
from cxrcompare.predictions.table import Metadata, Predictions, Reference


def attach_metadata(
    metadata: Metadata, aligned: Aligned, tables: Sequence[Reference | Predictions]
) -> dict[str, np.ndarray]:
    """Returns each column of metadata per unit, {name: (N,) text}; empty where missing.

    If the images of a study have different values (e.g. a frontal and a lateral view), the value of
    the study is all of them, joined by " + ".

    Args:
        metadata: The table.
        aligned: The units.
        tables: Files that map images to studies.
    """
    study_of = study_of_images([metadata, *tables])
    names = metadata.rows.ids
    if aligned.unit == "study" or metadata.rows.level == "study":
        names = studies_of(metadata.rows, study_of)
    wanted = aligned.units if metadata.rows.level == aligned.unit else aligned.studies
    if aligned.unit == "image" and metadata.rows.level == "image":
        wanted = aligned.units
    return {
        column: join_views(names, values).reindex(wanted).fillna("").to_numpy(dtype=object)
        for column, values in metadata.columns.items()
    }


def join_views(names: np.ndarray, values: np.ndarray) -> pd.Series:
    """Returns one text per name; several different values are joined by " + "."""
    pairs = pd.DataFrame({"name": names, "value": values})
    pairs = pairs[pairs["value"] != ""].drop_duplicates()
    if not pairs["name"].duplicated().any():
        return pairs.set_index("name")["value"]
    return pairs.sort_values("value").groupby("name", sort=False)["value"].agg(" + ".join)


def attach_reader(
    reader: Reference, aligned: Aligned, tables: Sequence[Reference | Predictions]
) -> tuple[np.ndarray, list[Note]]:
    """Returns a reader's rating of each unit, (N, F) in {0, 1, NaN}, and warnings.

    Raises:
        InputError: An id is missing from one of the files, or they have no finding in common.
    """
    have = {finding_key(name): name for name in reader.findings}
    shared = [name for name in aligned.findings if finding_key(name) in have]
    if not shared:
        raise InputError(
            f"{reader.path}: must have a compared finding ({', '.join(aligned.findings)}). "
            f"Received: {', '.join(reader.findings)}"
        )
    study_of = study_of_images([reader, *tables])
    predictions = [table for table in tables if isinstance(table, Predictions)]
    keys, values, _ = reference_units(reader, aligned.unit, study_of, predictions, shared)
    index = pd.Index(keys).get_indexer(pd.Index(aligned.units))
    check_joined(index, aligned.units, tables[0].path, reader.path)
    if len(keys) > len(aligned.units):
        extra = np.setdiff1d(np.arange(len(keys)), index)
        raise missing(tables[0].path, keys[extra], reader.path)
    full = np.full(aligned.labels.shape, np.nan)
    full[:, [aligned.findings.index(name) for name in shared]] = values[index]
    absent = [name for name in aligned.findings if name not in shared]
    text = f"the reader {reader.name} has no column for {', '.join(absent)}"
    return full, [Note("reader_without_finding", text)] if absent else []
