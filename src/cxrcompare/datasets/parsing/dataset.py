"""DataSet: what a module of this package says of the data set that it reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cxrcompare.image_table import ImageTable


@dataclass(frozen=True)
class DataSet:
    """A data set that can be read.

    Attributes:
        title: Its full name, with size and paper.
        source: Where to get it.
        terms: Under what terms, in a few words.
        recognise: Says whether a folder has its layout; looks at names only.
        read: Reads a folder. Opens no image. The table's notes hold "expert_splits", the splits
            that radiologists labelled; "label_files"; and "blank": "unknown" where labels state
            every negative, so that a blank is never "not mentioned"; "patients_known": False
            where it is not known which images are of one patient, with "patients" in words.
        fallback: Whether its layout fits nearly any folder, so that others go first.
        own_columns: Whether `read` takes an `OwnColumns` too: what the user says of the columns.
    """

    title: str
    source: str
    terms: str
    recognise: Callable[[Path], bool]
    read: Callable[..., ImageTable]
    fallback: bool = False
    own_columns: bool = False
