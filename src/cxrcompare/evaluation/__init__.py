"""Metrics, intervals and tests as pure functions of arrays."""

import numpy as np

from cxrcompare import isolated

with isolated.unloaded(np, "f2py", "testing"):  # they take a third of the import of scipy.special
    import scipy.special  # noqa: F401
