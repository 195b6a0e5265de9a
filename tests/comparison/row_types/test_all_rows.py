"""The row types of the tables."""

from typing import get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from cxrcompare.comparison.row_types.all_rows import ALWAYS, OPTIONAL, ROWS
from cxrcompare.comparison.row_types.field import described
from cxrcompare.comparison.row_types.main_rows import CountRow, RankRow


def checked(kind, row):
    return TypeAdapter(kind).validate_python(row, strict=True)


COUNTS = {"finding": "Edema", "positives": 3.0, "negatives": 4.0, "unknown": 0.0}


def test_a_row_has_its_columns_and_an_undefined_number():
    assert checked(CountRow, COUNTS).positives == 3
    assert checked(CountRow, COUNTS | {"unknown": None}).unknown is None


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"positives": -1.0}, "greater than or equal to 0"),
        ({"positives": float("nan")}, "less than or equal|greater than or equal"),
        ({"positives": "3"}, "valid number"),
        ({"finding": 7}, "valid string"),
        ({"other": 1.0}, "Extra inputs"),
    ],
)
def test_a_wrong_cell_is_refused(changed, match):
    with pytest.raises(ValidationError, match=match):
        checked(CountRow, COUNTS | changed)


def test_a_share_is_at_most_1():
    row = {"model": "a", "metric": "auroc", "rank": 1.0, "low": 1.0, "high": 2.0, "tie_group": "a"}
    assert checked(RankRow, row | {"probability_best": 1.0}).tie_group == "a"
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        checked(RankRow, row | {"probability_best": 1.01})


def test_every_table_is_written_always_or_if_it_has_rows():
    assert not set(ALWAYS) & set(OPTIONAL)
    assert list(ROWS) == [*ALWAYS, *OPTIONAL]


@pytest.mark.parametrize("name", ROWS)
def test_every_column_is_described(name):
    for column, hint in get_type_hints(ROWS[name], include_extras=True).items():
        assert described(hint)[1], column
