"""Thresholds that the user gives: one number, or a table."""

import numpy as np
import pytest

from cxrcompare.comparison.inputs.thresholds.given_thresholds import read
from cxrcompare.errors import InputError
from cxrcompare.predictions import Aligned

RUNS = (("a", "0"), ("a", "1"), ("b", ""))
TEST = Aligned(
    "study",
    np.array(["s"]),
    np.array(["s"]),
    np.array(["p"]),
    ("Edema", "Pleural Effusion"),
    np.zeros((1, 2)),
    RUNS,
    np.zeros((3, 1, 2)),
    None,
    (),
)
CALIBRATED = np.array([True, True, False])


def table(tmp_path, *lines):
    path = tmp_path / "given.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("given", [0.3, "0.3"])
def test_one_number_is_for_all(given):
    assert read(given, TEST, CALIBRATED).tolist() == [[0.3, 0.3]] * 3


def test_a_table_by_finding_in_any_order_and_with_aliases(tmp_path):
    path = table(tmp_path, "Threshold,Finding", "0.2,Effusion", "0.4,edema", "0.9,Mass")
    assert read(path, TEST, CALIBRATED).tolist() == [[0.4, 0.2]] * 3


def test_a_table_by_model_and_seed(tmp_path):
    path = table(
        tmp_path,
        "model,seed,finding,threshold,rule",
        "a,0,Edema,0.1,youden",
        "a,1,Edema,0.2,youden",
        "b,,Edema,-3,youden",
        "a,all,Pleural Effusion,0.5,youden",
        "b,all,Pleural Effusion,7,youden",
    )
    assert read(str(path), TEST, CALIBRATED).tolist() == [[0.1, 0.5], [0.2, 0.5], [-3, 7]]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["finding,limit", "Edema,0.5"], "row 1: must have the columns finding and threshold"),
        (["finding,threshold", "Edema,0.5"], "none for a seed 0, Pleural Effusion .3 are missing"),
        (["finding,threshold", "Edema,"], "row 2, column 'threshold': must be a finite number"),
        (["finding,threshold", "Edema,x"], "row 2, column 'threshold': must be a number"),
        (["finding,threshold,model", "Edema,0.5,c"], "row 2, column 'model': must be one of a, b"),
        (
            ["finding,threshold,model", "Edema,0.5,", "Edema,0.4,b"],
            "row 3, column 'threshold': must be the only threshold of b, Edema.*0.4, a second",
        ),
        (
            ["finding,threshold", "Edema,1.5", "Effusion,0.5"],
            r"must be in \[0, 1\] for probabilities. Received: 1.5 for a seed 0, Edema",
        ),
    ],
)
def test_tables_that_are_refused(lines, message, tmp_path):
    with pytest.raises(InputError, match=message):
        read(table(tmp_path, *lines), TEST, CALIBRATED)


@pytest.mark.parametrize("given", ["nan", float("inf")])
def test_numbers_that_are_refused(given):
    with pytest.raises(InputError, match="must be a finite number or a file"):
        read(given, TEST, CALIBRATED)


def test_a_number_outside_of_the_range_is_for_scores_only():
    with pytest.raises(InputError, match=r"`thresholds`: must be in \[0, 1\] for probabilities"):
        read(2, TEST, CALIBRATED)
    assert (read(2, TEST, np.zeros(3, dtype=bool)) == 2).all()
