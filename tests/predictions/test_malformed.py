"""Whatever a table holds, reading it gives a table or one clear error, never anything else."""

import math
import string

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxrcompare.errors import InputError
from cxrcompare.predictions import (
    align,
    read_metadata,
    read_predictions,
    read_reader,
    read_reference,
)
from cxrcompare.predictions import raw as raw_module

NAMES = st.sampled_from(
    [
        "study_id",
        "Study",
        "image_id",
        "Path",
        "Image Index",
        "patient_id",
        "Edema",
        "edema",
        "Mass",
        "Effusion",
        "Pleural Effusion",
        "",
        "Unnamed: 0",
        "Sex",
        "what",
        "0.5",
        "Edema ",
    ]
)
CELLS = st.one_of(
    st.floats().map(repr),
    st.floats(0, 1).map(repr),
    st.sampled_from(
        [
            "",
            " ",
            "nan",
            "NaN",
            "inf",
            "-1",
            "0",
            "1",
            "1.0",
            "TRUE",
            "a",
            "a",
            "b",
            '"',
            '""',
            "1_0",
            "0x1",
            "patient1/study1",
            "patient1/study1/view1.jpg",
            "00000001_000.png",
            "\x00",
            "½",
            "1e999",
            "1,5",
            "\r",
            "\n",
            "'",
            "\ufeff",
            "٣",
        ]
    ),
    st.text(alphabet=string.printable, max_size=6),
)
SEPARATOR = st.sampled_from([",", ",", ",", ";", "\t"])
END = st.sampled_from(["\n", "\r\n", "\r", "\n\n"])


@st.composite
def tables(draw):
    header = draw(st.lists(NAMES, max_size=5))
    rows = draw(st.lists(st.lists(CELLS, max_size=6), max_size=6))
    if draw(st.booleans()):
        rows = [(row + ["0"] * len(header))[: len(header)] for row in rows]
    separator, end = draw(SEPARATOR), draw(END)
    return end.join(separator.join(row) for row in [header, *rows]) + draw(END)


def as_bytes(text):
    return text.encode("utf-8", "surrogatepass")


READERS = {
    "predictions": read_predictions,
    "scores": lambda path: read_predictions(path, scores=True),
    "reference": read_reference,
    "reader": read_reader,
    "metadata": read_metadata,
}
MANY = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def attempt(path, read, content):
    path.write_bytes(content)
    try:
        return read(path)
    except InputError as error:
        assert str(path) in str(error)
        return None


@pytest.mark.parametrize("kind", READERS)
@MANY
@given(content=st.one_of(tables().map(as_bytes), st.binary(max_size=200)), fast=st.booleans())
def test_only_input_errors_come_out(tmp_path, kind, content, fast):
    path = tmp_path / "table.csv"
    before = raw_module._LONG
    raw_module._LONG = 2 if fast else 10**9
    try:
        one = attempt(path, READERS[kind], content)
    finally:
        raw_module._LONG = before
    if one is None or kind == "metadata":
        return
    assert len(set(one.rows.ids)) == len(one.rows.ids) == len(one.values) > 0
    assert "" not in one.rows.ids
    assert len(set(one.findings)) == len(one.findings)
    if kind == "predictions":
        assert ((one.values >= 0) & (one.values <= 1)).all()
    elif kind == "scores":
        assert np.isfinite(one.values).all()
    else:
        assert all(math.isnan(v) or v in (0, 1) for v in one.values.ravel())


@MANY
@given(first=tables(), second=tables(), unit=st.sampled_from(["study", "image"]))
def test_joining_what_could_be_read_gives_a_whole_table_or_an_input_error(
    tmp_path, first, second, unit
):
    predictions = attempt(tmp_path / "model.csv", read_predictions, as_bytes(first))
    reference = attempt(tmp_path / "reference.csv", read_reference, as_bytes(second))
    if predictions is None or reference is None:
        return
    try:
        one = align([predictions], reference, unit)
    except InputError:
        return
    assert one.scores.shape == (1, len(one.units), len(one.findings))
    assert one.labels.shape == one.scores.shape[1:]
    assert np.isfinite(one.scores).all()
    assert all(one.patients)


@MANY
@given(
    cells=st.lists(st.one_of(st.floats(0, 1).map(repr), CELLS), min_size=3, max_size=8),
    columns=st.sampled_from(["Edema", "Edema,Mass"]),
)
def test_the_fast_way_never_takes_what_the_slow_way_refuses(tmp_path, cells, columns):
    width = columns.count(",") + 1
    rows = [f"s{n}," + ",".join([cell] + ["0.5"] * (width - 1)) for n, cell in enumerate(cells)]
    content = as_bytes(f"study_id,{columns}\n" + "\n".join(rows) + "\n")
    found = []
    before = raw_module._LONG
    try:
        for raw_module._LONG in (2, 10**9):
            path = tmp_path / "model.csv"
            path.write_bytes(content)
            try:
                one = read_predictions(path)
                found.append((one.rows.ids.tolist(), one.values.tolist()))
            except InputError as error:
                found.append(str(error))
    finally:
        raw_module._LONG = before
    assert found[0] == found[1]
