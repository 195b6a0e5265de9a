"""All results of a comparison as tables, written and read."""

import dataclasses
import itertools
import json

import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import TABLES, Comparison, read, table
from cxrcompare.comparison.result.content import numeric_columns
from cxrcompare.comparison.result.saving import write
from cxrcompare.errors import InputError

FEW = Options(replicates=100)


def test_a_field_of_a_wrong_type_is_named(make_bench, tmp_path):
    bench = make_bench(findings=("Edema",))
    write(compare([bench.model("a", 0.5)], bench.standard(), options=FEW), tmp_path)
    path = tmp_path / "comparison.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    read(path)
    names = [item.name for item in dataclasses.fields(Comparison)]
    for name, value in itertools.product(names, [7, "text", [1], {"a": 1}, None]):
        path.write_text(json.dumps(whole | {name: value}), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: `{name}"), (name, value)
        assert " must be " in str(caught.value)
        assert ". Received: " in str(caught.value)


def test_a_table_has_its_columns_in_order_and_numbers():
    row = {"unknown": None, "negatives": 4, "positives": 3, "finding": "Edema"}
    found = table("counts", [row])
    assert tuple(found.columns) == TABLES["counts"]
    assert found["unknown"].dtype == float
    assert found["unknown"].isna().all()
    assert len(table("counts")) == 0
    assert tuple(table("counts").columns) == TABLES["counts"]


def test_a_table_without_a_column_is_refused(bench):
    found = compare([bench.model("a", 0.5)], bench.standard(), options=FEW)
    fewer = found.counts.drop(columns="unknown")
    with pytest.raises(ValueError, match=r"`counts` must have the columns.*'unknown'.*Received"):
        dataclasses.replace(found, counts=fewer)


@pytest.mark.parametrize("name", TABLES)
def test_an_empty_table_has_numbers_where_rows_would_have_numbers(name):
    found = table(name)
    assert (tuple(found.columns), len(found)) == (TABLES[name], 0)
    for column in found.columns:
        number = column in numeric_columns(name)
        assert pd.api.types.is_numeric_dtype(found[column]) == number, column
