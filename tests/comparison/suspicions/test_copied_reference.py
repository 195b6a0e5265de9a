"""A second reference that is the first one is said."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.suspicions import copied_reference


def test_a_copy_is_said_and_one_other_label_is_not():
    labels = np.tile([[1.0, 0.0], [0.0, np.nan]], (10, 1))
    second = labels.copy()
    second[1, 0] = np.nan
    (note,) = copied_reference.check(labels, second)
    assert "all 29 labels" in note.message
    second[0, 0] = 0
    assert copied_reference.check(labels, second) == []


@pytest.mark.parametrize("labels", [np.zeros((30, 2)), np.eye(4)[:, :2], np.full((30, 2), np.nan)])
def test_one_class_and_few_labels_say_nothing(labels):
    assert copied_reference.check(labels, labels) == []
    assert copied_reference.check(labels, None) == []


def test_compare_warns_and_doctored_labels_do_not(bench, row):
    standard = bench.standard()
    path = bench.model("a", 0.5)
    options = Options(replicates=100)
    found = compare([path], standard, second_reference=standard, options=options)
    assert "exactly the labels" in row(found.warnings, code="copied_reference")["message"]
    other = bench.labels["test"].copy()
    other[:5, 0] = 1 - other[:5, 0]
    second = bench.table("second", other)
    found = compare([path], standard, second_reference=second, options=options)
    assert "copied_reference" not in set(found.warnings["code"])
