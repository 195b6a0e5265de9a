"""Tables of predictions: what they have by default, and that they do not change."""

import dataclasses

import pytest

from cxrcompare.predictions import read_predictions


def test_a_table_does_not_change(put):
    one = read_predictions(put("net__seed1.csv", "study_id,Edema\na,0.5\n"))
    assert (one.name, one.seed, one.text) == ("net", "1", {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "other"
