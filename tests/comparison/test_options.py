"""Options of a comparison."""

import pytest

from cxrcompare.comparison.compare import Options
from cxrcompare.errors import InputError


@pytest.mark.parametrize(
    ("choice", "match"),
    [
        ({"unit": "patient"}, "unit"),
        ({"views_rule": "min"}, "views_rule"),
        ({"interval": "basic"}, "interval"),
        ({"correction": "none"}, "correction"),
        ({"replicates": 10}, "replicates"),
        ({"level": 1.0}, "level"),
        ({"margin": 0.7}, "margin"),
        ({"threshold_rule": "sensitivity=2"}, "threshold_rule"),
        ({"threshold_rule": "best"}, "threshold_rule"),
        ({"seed": -1}, "seed"),
    ],
)
def test_options_out_of_range_are_refused(choice, match):
    with pytest.raises(InputError, match=f"`{match}` must be.*Received"):
        Options(**choice)
