"""Student's t distribution: against `scipy.stats`, also far out in the tail."""

import numpy as np
import pytest
from scipy import stats

from cxrcompare.evaluation import student_t

DEGREES = np.array([1, 1.7, 3.3, 10, 99.5, 1e4, 1e8, np.inf])[:, None]


def test_upper_tail():
    t = np.array([-40, -1, 0, 1e-3, 3, 40, 1e3])
    np.testing.assert_allclose(
        student_t.upper_tail(t, DEGREES), stats.t.sf(t, DEGREES), rtol=1e-10, atol=0
    )


def test_quantile():
    share = np.array([1e-9, 0.025, 0.5, 0.8, 0.975, 0.99999])
    np.testing.assert_allclose(
        student_t.quantile(share, DEGREES), stats.t.ppf(share, DEGREES), rtol=1e-10, atol=1e-12
    )


@pytest.mark.parametrize("degrees", [2.5, 30])
def test_one_is_the_inverse_of_the_other(degrees):
    t = np.linspace(-5, 5, 11)
    np.testing.assert_allclose(
        student_t.quantile(1 - student_t.upper_tail(t, degrees), degrees), t, atol=1e-9
    )
