"""Predictions, in files or in memory: reading, checking, writing, alignment by id and finding."""

from typing import TYPE_CHECKING

from cxrcompare.predictions.alignment import Aligned, align
from cxrcompare.predictions.attaching import attach_metadata, attach_reader
from cxrcompare.predictions.in_memory import is_id
from cxrcompare.predictions.reading import (
    read_label_states,
    read_metadata,
    read_predictions,
    read_reader,
    read_reference,
    run_name,
    split_name,
)
from cxrcompare.predictions.studies import Note, merge_views
from cxrcompare.predictions.table import Metadata, Predictions, Reference, Rows
from cxrcompare.predictions.training_rows import TrainingRows, training_rows
from cxrcompare.predictions.writing import write_predictions

if TYPE_CHECKING:
    from cxrcompare.predictions.table import TableSource

__all__ = [
    "Aligned",
    "Metadata",
    "Note",
    "Predictions",
    "Reference",
    "Rows",
    "TableSource",
    "TrainingRows",
    "align",
    "attach_metadata",
    "attach_reader",
    "is_id",
    "merge_views",
    "read_label_states",
    "read_metadata",
    "read_predictions",
    "read_reader",
    "read_reference",
    "run_name",
    "split_name",
    "training_rows",
    "write_predictions",
]
