"""Prediction files: reading, checking, writing, and alignment by id and finding."""

from cxrcompare.predictions.alignment import Aligned, align
from cxrcompare.predictions.attaching import attach_metadata, attach_reader
from cxrcompare.predictions.reading import (
    read_label_states,
    read_metadata,
    read_predictions,
    read_reader,
    read_reference,
    run_name,
)
from cxrcompare.predictions.studies import Note, merge_views
from cxrcompare.predictions.table import Metadata, Predictions, Reference, Rows
from cxrcompare.predictions.writing import write_predictions

__all__ = [
    "Aligned",
    "Metadata",
    "Note",
    "Predictions",
    "Reference",
    "Rows",
    "align",
    "attach_metadata",
    "attach_reader",
    "merge_views",
    "read_label_states",
    "read_metadata",
    "read_predictions",
    "read_reader",
    "read_reference",
    "run_name",
    "write_predictions",
]
