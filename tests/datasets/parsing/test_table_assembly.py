"""Tests of the rows of a table, made of the columns that a data set's module gathers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.datasets.parsing import label_file, table_assembly
from cxrcompare.errors import InputError
from cxrcompare.image_table import COLUMNS


def part(*ids: str, **columns: object) -> pd.DataFrame:
    """Returns rows with ids, indexed as the rows of a label file."""
    index = range(2, len(ids) + 2)
    plain = {"image_id": ids, "path": ids, "patient_id": ids, "study_id": ids}
    return pd.DataFrame(plain, index=index).assign(**columns)


def test_what_a_file_lacks_is_unknown_there():
    parts = [part("a", "b", Edema=[1.0, -1.0], view="lateral"), part("c", Fracture=0.0, age=7)]
    table = table_assembly.assemble(parts, ["Edema", "Fracture"], "mine", Path("x"), {"k": 1})
    assert table.rows.columns.tolist() == [*COLUMNS, "Edema", "Fracture"]
    assert table.rows["image_id"].tolist() == ["a", "b", "c"]
    assert table.rows["view"].tolist() == ["lateral", "lateral", ""]
    assert table.rows["sex"].tolist() == table.rows["split"].tolist() == ["", "", ""]
    nan = np.nan
    np.testing.assert_array_equal(table.rows["age"], [nan, nan, 7.0])
    np.testing.assert_array_equal(table.states, [[1, nan], [-1, nan], [nan, 0]])
    assert (table.dataset, table.root, table.notes) == ("mine", Path("x"), {"k": 1})


def test_columns_that_are_no_finding_are_left_out():
    table = table_assembly.assemble([part("a", Edema=1.0, Gout=1.0)], ["Edema"], "mine", Path(), {})
    assert "Gout" not in table.rows


def test_the_order_of_the_findings_is_the_one_asked_for():
    plain = part("a", Edema=1.0, Fracture=0.0)
    table = table_assembly.assemble([plain], ["Fracture", "Edema"], "mine", Path(), {})
    assert table.findings == ("Fracture", "Edema")
    assert table.states.tolist() == [[0.0, 1.0]]


def test_notes_are_a_copy():
    notes = {"synthetic": True}
    table = table_assembly.assemble([part("a", Edema=1.0)], ["Edema"], "mine", Path(), notes)
    notes["synthetic"] = False
    assert table.notes["synthetic"] is True


def labels(tmp_path: Path, ids: list[str]) -> tuple[label_file.LabelFile, pd.Series]:
    """Returns a label file with a blank line after its first row, and its ids by row number."""
    file = tmp_path / "labels.csv"
    first, *others = ids
    file.write_text("\n".join(["id,Edema", f"{first},1", "", *(f"{one},0" for one in others), ""]))
    read = label_file.read(file)
    return read, read.text("id")


def test_a_repeated_id_is_named_with_both_of_its_rows(tmp_path):
    read, ids = labels(tmp_path, ["q", "a", "b", "a", "q"])  # rows 2, 4, 5, 6, 7
    with pytest.raises(
        InputError,
        match=r"labels\.csv: row 6: each image must have one row; row 4 "
        r"has the same\. Received: 'a'$",
    ):
        table_assembly.check_unique(read, ids)
    with pytest.raises(InputError, match="each study must have one row"):
        table_assembly.check_unique(read, ids, "study")


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8))
def test_only_a_repeated_id_is_refused(tmp_path_factory, ids):
    read, column = labels(tmp_path_factory.getbasetemp(), ids)
    if len(set(ids)) == len(ids):
        table_assembly.check_unique(read, column)
    else:
        second = min(place for place, one in enumerate(ids) if one in ids[:place])
        row = column.index[second]
        with pytest.raises(InputError, match=f"row {row}: .*Received: '{ids[second]}'"):
            table_assembly.check_unique(read, column)
