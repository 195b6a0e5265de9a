"""Non-inferiority of networks: one-sided tests of the AUROC against a margin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.differences import Compared
from cxrcompare.comparison.inference.families import FamilyTests, adjust_family
from cxrcompare.comparison.inference.scoring import OVER
from cxrcompare.comparison.row_types.main_rows import NonInferiorityRow


def rows(compared: Sequence[Compared], options: Options) -> list[NonInferiorityRow]:
    """Returns a non-inferiority test for each ordered pair and finding.

    The null hypothesis is that the AUROC of model_a is lower than that of model_b by the margin or
    more. The test is one-sided at (1 - level) / 2, so non-inferiority without adjustment means that
    the whole interval of the difference is above minus the margin. `p_adjusted` belongs to the
    family of the differences: at most one of "no difference", "lower by the margin" and "higher by
    the margin" is true for a pair. With the default correction, non-inferiority means that the
    simultaneous interval is above minus the margin.

    Args:
        compared: From `differences`, of the whole test set.
        options: Margin, level, correction.

    Source: Piaggio et al. 2012 (CONSORT extension), doi 10.1001/jama.2012.87802.
    """
    one = next((one for one in compared if one.metric == "auroc"), None)
    if options.margin is None or one is None:
        return []
    names = one.panel.networks
    untested = np.isnan(one.tests.p_value)
    low, high = (
        np.where(one.shown, end, np.nan) for end in one.differences.interval(options.level)
    )
    found: list[NonInferiorityRow] = []
    for sign in (1, -1):
        p_value = (
            one.differences.p_above(-options.margin)
            if sign == 1
            else one.differences.p_below(options.margin)
        )
        p_value = np.where(untested, np.nan, p_value)
        [adjusted] = adjust_family(
            [FamilyTests(p_value, np.full_like(p_value, np.nan), one.tests.eligible)],
            options.correction,
            options.level,
        )
        ends = (low, high) if sign == 1 else (-high, -low)
        found += [
            NonInferiorityRow(
                model_a=names[pair[0] if sign == 1 else pair[1]],
                model_b=names[pair[1] if sign == 1 else pair[0]],
                finding=finding,
                metric="auroc",
                margin=options.margin,
                difference=float(sign * one.differences.difference[number, k]),
                low=float(ends[0][number, k]),
                high=float(ends[1][number, k]),
                p_value=float(p_value[number, k]),
                p_adjusted=float(adjusted.p_value[number, k]),
                non_inferior=bool(adjusted.p_value[number, k] < (1 - options.level) / 2),
            )
            for number, pair in enumerate(one.pairs)
            for k, finding in enumerate((*one.panel.findings, *OVER))
        ]
    return found
