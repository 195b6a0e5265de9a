"""Ages that nobody has are said, whatever the column is called."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.suspicions import impossible_ages


def cells(*values):
    return np.array(values, dtype=object)


@pytest.mark.parametrize(
    ("column", "values", "units", "shown"),
    [
        ("age", cells("45", "999", "", "999"), 2, "(999)"),
        ("Patient Age", cells("0", "120", "-1", "30"), 1, "(-1)"),
        ("age", cells("45 + 999", "60", "130", "-3"), 3, "(-3, 130, 999)"),
        ("age", cells("200", "300", "400", "500"), 4, "(200, 300, 400 and 1 more values)"),
    ],
)
def test_they_are_counted_and_shown(column, values, units, shown):
    (note,) = impossible_ages.check({"test set": {column: values}})
    assert note.code == "impossible_age"
    assert note.message.startswith(f"{column} of {units} of 4 units of the test set is below 0 or")
    assert shown in note.message


@pytest.mark.parametrize(
    ("column", "values"),
    [("age", cells("0", "120", "")), ("age", cells("old", "999")), ("stage", cells("999", "1"))],
    ids=["possible", "words", "another column"],
)
def test_other_columns_say_nothing(column, values):
    assert impossible_ages.check({"test set": {column: values}}) == []


def test_compare_looks_at_the_test_set_and_at_validation(bench):
    def age(split, count):
        return [999 if n == 0 and split == "valid" else 30 + n % 40 for n in range(count)]

    test, valid = bench.model("a", 0.5), bench.model("a", 0.5, "valid")
    standard, held_out = bench.references()
    found = compare(
        [test],
        standard,
        validation=[valid],
        validation_reference=held_out,
        subgroups=bench.about({"age": age}),
        options=Options(replicates=100),
    ).warnings
    (message,) = found[found["code"] == "impossible_age"]["message"]
    assert message.startswith("age of 1 of 120 units of the validation set")
