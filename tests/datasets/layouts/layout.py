"""Layout: the files of a tiny data set, and the table that its reader must return."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd


@dataclass
class Layout:
    """A data set's files as text, its images, and the table that must come of it.

    `path` and `state` name a file and a column of it: the one that names images and one that holds
    label states. `wrong` is a value that the column of states must refuse.
    """

    files: dict[str, pd.DataFrame]
    images: list[str]
    expected: pd.DataFrame
    path: tuple[str, str]
    state: tuple[str, str]
    wrong: str
    texts: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path, encoding: str = "utf-8", newline: str = "\n") -> Path:
        """Writes the data set, and returns its folder."""
        for name, frame in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            text = frame.to_csv(index=False, lineterminator=newline)
            file.write_bytes(text.encode(encoding))
        for name, text in self.texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        for name in self.images:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(b"")
        return folder

    def replaced(self, file: str, frame: pd.DataFrame) -> Layout:
        """Returns the layout with another content of one file."""
        return dataclasses.replace(self, files={**self.files, file: frame})


def text_frame(rows: list[dict[str, str]], columns: list[str]) -> pd.DataFrame:
    """Returns cells as text, blank where a row lacks the column."""
    return pd.DataFrame([[row.get(name, "") for name in columns] for row in rows], columns=columns)


def expected_rows(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Returns the expected rows by image; a column that none has is unknown everywhere."""
    return pd.DataFrame(rows).set_index("image_id").sort_index()
