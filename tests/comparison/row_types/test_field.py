"""The metadata of columns: Pydantic checks them as its own fields."""

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import pydantic
import pytest

from cxrcompare.comparison.row_types.field import Field, described

GIVEN = [
    {"ge": 0, "le": 1},
    {"gt": 0, "lt": 1, "description": "Level of all intervals."},
    {"description": "Words."},
    {},
]


@pytest.mark.parametrize("given", GIVEN)
def test_a_nested_field_has_the_schema_and_checks_of_pydantic(given):
    own = pydantic.TypeAdapter(dict[str, Annotated[float, Field(**given)] | None])
    other = pydantic.TypeAdapter(dict[str, Annotated[float, pydantic.Field(**given)] | None])
    assert own.json_schema() == other.json_schema()
    for value in (-1, 0, 0.5, 1, 2, None):
        results = []
        for one in (own, other):
            try:
                results.append(one.validate_python({"a": value}))
            except pydantic.ValidationError as error:
                results.append(error.errors(include_url=False)[0]["msg"])
        assert results[0] == results[1]


def test_lengths_are_checked():
    words = pydantic.TypeAdapter(Annotated[str, Field(min_length=1, max_length=3)])
    assert words.validate_python("abc") == "abc"
    for wrong in ("", "abcd"):
        with pytest.raises(pydantic.ValidationError):
            words.validate_python(wrong)


def test_the_description_of_a_column_is_the_last_one_and_ranges_stay():
    share = Annotated[float, Field(ge=0, description="A share.")]
    plain, words = described(Annotated[share, Field(description="Sensitivity.")])
    assert words == "Sensitivity."
    with pytest.raises(pydantic.ValidationError):
        pydantic.TypeAdapter(plain).validate_python(-1)
    assert described(Annotated[share | None, Field(le=2)])[1] == ""
    assert described(int) == (int, "")


def test_row_types_are_loaded_without_pydantic():
    code = (
        "import sys, cxrcompare.comparison.row_types.all_rows, "
        "cxrcompare.comparison.result.content; print('pydantic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
