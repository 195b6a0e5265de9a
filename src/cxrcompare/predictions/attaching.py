"""Puts metadata and readers in the order of aligned predictions, joined by id."""

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
    """Returns each column of metadata for each unit, {name: (N,) text}; empty where not known.

    A study whose images differ (a frontal and a lateral view) has all its values, joined by " + ".

    Args:
        metadata: The table.
        aligned: The units.
        tables: Files that say which study an image is of.
    """
    study_of = study_of_images([metadata, *tables])
    names = metadata.rows.ids
    if aligned.unit == "study" or metadata.rows.level == "study":
        names = studies_of(metadata.rows, study_of)
    wanted = aligned.units if metadata.rows.level == aligned.unit else aligned.studies
    if aligned.unit == "image" and metadata.rows.level == "image":
        wanted = aligned.units
    return {
        column: _by_name(names, values).reindex(wanted).fillna("").to_numpy(dtype=object)
        for column, values in metadata.columns.items()
    }


def _by_name(names: np.ndarray, values: np.ndarray) -> pd.Series:
    pairs = pd.DataFrame({"name": names, "value": values})
    pairs = pairs[pairs["value"] != ""].drop_duplicates()
    if not pairs["name"].duplicated().any():
        return pairs.set_index("name")["value"]
    return pairs.sort_values("value").groupby("name", sort=False)["value"].agg(" + ".join)


def attach_reader(
    reader: Reference, aligned: Aligned, tables: Sequence[Reference | Predictions]
) -> tuple[np.ndarray, list[Note]]:
    """Returns what a reader said of each unit, (N, F) in {0, 1, NaN}, and warnings.

    Raises:
        InputError: An id is in one file and not in the other, or no finding is.
    """
    have = {finding_key(name): name for name in reader.findings}
    shared = [name for name in aligned.findings if finding_key(name) in have]
    if not shared:
        raise InputError(
            f"{reader.path}: must have a finding that is compared ({', '.join(aligned.findings)}). "
            f"Received: {', '.join(reader.findings)}"
        )
    study_of = study_of_images([reader, *tables])
    predictions = [table for table in tables if isinstance(table, Predictions)]
    keys, values, _ = reference_units(reader, aligned.unit, study_of, predictions, shared)
    where = pd.Index(keys).get_indexer(pd.Index(aligned.units))
    check_joined(where, aligned.units, tables[0].path, reader.path)
    if len(keys) > len(aligned.units):
        spare = np.setdiff1d(np.arange(len(keys)), where)
        raise missing(tables[0].path, keys[spare], reader.path)
    full = np.full(aligned.labels.shape, np.nan)
    full[:, [aligned.findings.index(name) for name in shared]] = values[where]
    absent = [name for name in aligned.findings if name not in shared]
    text = f"the reader {reader.path.stem} has no column for {', '.join(absent)}"
    return full, [Note("reader_without_finding", text)] if absent else []
