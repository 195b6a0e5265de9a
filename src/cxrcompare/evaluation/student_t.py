"""Student's t distribution by `scipy.special`, whose import takes a tenth of `scipy.stats`."""

from __future__ import annotations

import numpy as np
from scipy import special


def upper_tail(t: np.ndarray | float, degrees: np.ndarray | float) -> np.ndarray:
    """Returns the probability of a value above `t`.

    Args:
        t: Any shape.
        degrees: Degrees of freedom, above 0 and also infinite; broadcast with `t`.
    """
    return np.asarray(special.stdtr(degrees, -t))


def quantile(probability: np.ndarray | float, degrees: np.ndarray | float) -> np.ndarray:
    """Returns the value below which a share `probability`, in (0, 1), of the distribution is."""
    return np.asarray(special.stdtrit(degrees, probability))
