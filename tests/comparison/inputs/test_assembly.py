"""The panel of networks and baselines."""

import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.errors import InputError

FEW = Options(replicates=200)


def test_a_model_named_as_a_trivial_model_is_refused(bench):
    with pytest.raises(InputError, match="prevalence"):
        compare([bench.model("prevalence", 0.7)], bench.standard(), options=FEW)
