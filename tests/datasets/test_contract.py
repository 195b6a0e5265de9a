"""Every data set of the package is found automatically and passes the same checks."""

from __future__ import annotations

import dataclasses
import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cxrcompare import datasets, findings
from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable

from .layouts.layout import Layout

NAMES = datasets.names()


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def layout(name: str, layouts: dict[str, Callable[[], Layout]]) -> Layout:
    assert name in layouts, f"tests/datasets/layouts/{name}.py must write a layout"
    return layouts[name]()


def _read(name: str, folder: Path) -> ImageTable:
    return datasets.read(name, folder, findings="Tuberculosis")


def _same(table: ImageTable, expected: pd.DataFrame) -> None:
    """Columns that are not in `expected`, and cells that are NaN there, must be unknown."""
    rows = table.rows.set_index("image_id").sort_index()
    assert rows.index.tolist() == expected.index.tolist()
    for column in rows.columns.drop("path"):
        if column in ("patient_id", "study_id", "view", "sex", "split"):
            wanted = expected[column].fillna("") if column in expected else ""
            assert (rows[column] == wanted).all(), column
        else:
            wanted = expected.get(column, np.nan)
            np.testing.assert_array_equal(rows[column], np.broadcast_to(wanted, len(rows)), column)
    strange = set(expected.columns) - set(rows.columns)
    assert not strange


def test_read_gives_what_the_layout_says(name, layout, tmp_path):
    table = _read(name, layout.write(tmp_path))
    _same(table, layout.expected)
    assert table.dataset == name


def test_recognised_without_a_name(name, layout, tmp_path):
    assert datasets.recognise(layout.write(tmp_path)) == name


def test_paths_are_relative_and_lead_to_the_images(name, layout, tmp_path):
    table = _read(name, layout.write(tmp_path))
    assert all((table.root / path).is_file() for path in table.rows["path"])
    assert sorted(
        (table.root / path).relative_to(tmp_path).as_posix() for path in table.rows["path"]
    ) == sorted(layout.images)


def test_order_of_rows_and_columns_does_not_matter(name, layout, tmp_path):
    turned = {file: frame.iloc[::-1, ::-1] for file, frame in layout.files.items()}
    for index, (file, frame) in enumerate(
        turned.items()
    ):  # reorders one file only: joins are by id
        folder = layout.replaced(file, frame).write(tmp_path / str(index))
        _same(_read(name, folder), layout.expected)
    every = dataclasses.replace(layout, files=turned)
    _same(_read(name, every.write(tmp_path / "every")), layout.expected)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_byte_order_mark_and_line_ends_do_not_matter(name, layout, tmp_path, encoding, newline):
    _same(_read(name, layout.write(tmp_path, encoding, newline)), layout.expected)


def test_backslashes_between_folders_do_not_matter(name, layout, tmp_path):
    file, column = layout.path
    frame = layout.files[file]
    mixed = frame.assign(**{column: frame[column].str.replace("/", "\\", n=1)})
    _same(_read(name, layout.replaced(file, mixed).write(tmp_path)), layout.expected)


def test_blank_lines_and_spaces_do_not_matter(name, layout, tmp_path):
    layout.write(tmp_path)
    for file in layout.files:
        lines = (tmp_path / file).read_text().splitlines()
        (tmp_path / file).write_text("\n\n".join(lines) + "\n\n\n")
    _same(_read(name, tmp_path), layout.expected)


def test_a_missing_image_is_named_with_its_row(name, layout, tmp_path):
    layout.write(tmp_path)
    (tmp_path / layout.images[0]).unlink()
    with pytest.raises(InputError, match=r"row \d+: .*1 of \d+") as caught:
        _read(name, tmp_path)
    assert Path(layout.images[0]).stem.split("_")[0] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_duplicate_row_is_named(name, layout, tmp_path):
    file, _ = layout.path
    frame = layout.files[file]
    twice = pd.concat([frame, frame.iloc[[0]]])
    with pytest.raises(InputError, match=rf"{file}: row {len(twice) + 1}: .*row 2"):
        _read(name, layout.replaced(file, twice).write(tmp_path))


def test_an_unknown_label_value_is_named(name, layout, tmp_path):
    file, column = layout.state
    frame = layout.files[file].copy()
    frame.loc[frame.index[-1], column] = layout.wrong
    with pytest.raises(InputError) as caught:
        _read(name, layout.replaced(file, frame).write(tmp_path))
    message = str(caught.value)
    assert f"{file}: row {len(frame) + 1}: " in message
    assert column in message
    assert repr(layout.wrong) in message


@pytest.mark.parametrize(
    "path", ["../outside.png", "/etc/passwd", "a/../../b.png", "..\\b.png", "C:\\b.png", ""]
)
def test_no_path_leads_out_of_the_folder(name, layout, tmp_path, path):
    file, column = layout.path
    frame = layout.files[file].copy()
    frame.loc[frame.index[0], column] = path
    (tmp_path / "outside.png").write_bytes(b"")
    with pytest.raises(InputError, match=rf"{file}: row 2: "):
        _read(name, layout.replaced(file, frame).write(tmp_path / "data"))


def test_a_row_cut_short_is_named(name, layout, tmp_path):
    layout.write(tmp_path)
    file, _ = layout.path
    lines = (tmp_path / file).read_text().splitlines()
    lines[-1] = lines[-1].rpartition(",")[0]
    (tmp_path / file).write_text("\n".join(lines))
    with pytest.raises(InputError, match=rf"{file}: row {len(lines)}: "):
        _read(name, tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe\x00", b'a,b\n"1,2\n', b"a,a\n1,2\n"])
def test_an_unreadable_label_file_is_named(name, layout, tmp_path, content):
    file, _ = layout.path
    layout.write(tmp_path)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(InputError, match=file) as caught:
        _read(name, tmp_path)
    assert "\n" not in str(caught.value)


def test_a_label_file_without_permission_is_named(name, layout, tmp_path, monkeypatch):
    file, _ = layout.path
    layout.write(tmp_path)
    real = Path.open

    def refused(path: Any, *rest: Any, **options: Any) -> int:
        if path == tmp_path / file:
            raise PermissionError(13, "Permission denied")
        return real(path, *rest, **options)

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(InputError, match=f"{file}.*Permission denied") as caught:
        _read(name, tmp_path)
    assert "\n" not in str(caught.value)


def test_a_lacking_column_is_named(name, layout, tmp_path):
    file, column = layout.path
    frame = layout.files[file].rename(columns={column: "nothing"})
    with pytest.raises(InputError, match=file):
        _read(name, layout.replaced(file, frame).write(tmp_path))


def test_any_column_of_another_name_is_an_error_or_not_known(name, layout, tmp_path):
    """An invalid file gives an error of one line, not a traceback."""
    for file, frame in layout.files.items():
        for index, column in enumerate(frame.columns):
            renamed = frame.rename(columns={column: f"{column} or so"})
            folder = layout.replaced(file, renamed).write(tmp_path / f"{file}-{index}")
            try:
                table = _read(name, folder)
            except InputError as error:
                assert "\n" not in str(error)
            else:
                assert table.dataset == name


def test_findings_are_of_the_vocabulary(name, layout, tmp_path):
    table = _read(name, layout.write(tmp_path))
    assert all(findings.canonical(finding) in (finding, None) for finding in table.findings)
    assert len(set(table.findings)) == len(table.findings)


def test_described_in_one_line_each(name):
    described = {one[0]: one[1:] for one in datasets.describe()}
    for text in described[name]:
        assert text
        assert "\n" not in text
    assert importlib.import_module(f"cxrcompare.datasets.{name}").__doc__


def test_unknown_name_and_folder(tmp_path):
    with pytest.raises(InputError, match="chexpert, "):
        datasets.read("chestxpert", tmp_path)
    with pytest.raises(InputError, match="must be a folder"):
        datasets.read(None, tmp_path / "nowhere")
    with pytest.raises(InputError, match="none of these layouts"):
        datasets.read(None, tmp_path)


def test_an_image_store_is_no_data_set(tmp_path):
    (tmp_path / "store.json").write_text("{}")
    with pytest.raises(InputError, match="Received: an image store, which `train`"):
        datasets.read(None, tmp_path)


def test_names_imports_no_pandas():
    code = (
        "import sys; from cxrcompare import datasets; datasets.names();"
        "print('pandas' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
