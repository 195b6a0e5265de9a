"""The codes that kernels of the bootstrap read, and the number of replicates per sweep."""

from __future__ import annotations

LANES = 128
"""The number of replicates that one sweep processes in parallel."""

# Code of a unit in descending order of score: label and position in its group of tied scores.
# Even: negative. NEGATIVE and POSITIVE have no ties; LAST_ ends a group of ties.
NEGATIVE, POSITIVE, TIED_NEGATIVE, TIED_POSITIVE, LAST_NEGATIVE, LAST_POSITIVE = range(6)

UNDEFINED = -(2**31)
"""The chosen threshold of a replicate that has one class only."""

YOUDEN, SENSITIVITY, SPECIFICITY, MAX_F1, NET_BENEFIT = range(5)
"""The rules that choose a threshold."""

ROUNDING = 1e-9
"""The tolerance of comparisons of sums of weights with a share of a total."""
