"""DataSet: the description and reader of a data set."""

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
        terms: The terms of use, in a few words.
        recognise: Returns whether a folder has its layout; reads file names and headers only.
        read: Reads a folder, without opening images. The table's notes have these keys:
            "expert_splits", the splits that radiologists labelled; "label_files"; "blank":
            "unknown" if every negative is labelled, so that a blank never means "not mentioned";
            "patients_known": False if the patients are unknown, with the reason in "patients".
        fallback: Whether its layout fits nearly any folder, so that other layouts take precedence.
        own_columns: Whether `read` also takes an `OwnColumns`, the columns that the user assigns.
    """

    title: str
    source: str
    terms: str
    recognise: Callable[[Path], bool]
    read: Callable[..., ImageTable]
    fallback: bool = False
    own_columns: bool = False
