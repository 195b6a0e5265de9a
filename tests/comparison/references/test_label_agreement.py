"""Agreement of two references: kappa, sensitivity and specificity with intervals."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from cxrcompare.comparison.references import label_agreement


def test_the_reference_is_the_labeller_and_the_second_one_the_truth(make_panel):
    rng = np.random.default_rng(0)
    truth = (rng.uniform(size=(300, 2)) < 0.3) * 1.0
    flipped = rng.uniform(size=truth.shape) < 0.1
    labels = np.where(flipped, 1 - truth, truth)
    labels[:20, 0] = np.nan
    second = truth.copy()
    second[:, 1] = np.nan
    panel = make_panel(labels, {"a": rng.uniform(size=(300, 2))})
    (one,) = label_agreement.agreement(panel, second, 0.95)
    label, true = labels[20:, 0], truth[20:, 0]
    assert one.finding == "Atelectasis"
    assert [one.units, one.positives, one.positives_second] == [280, label.sum(), true.sum()]
    assert one.kappa == pytest.approx(cohen_kappa_score(label, true))
    assert one.sensitivity == pytest.approx(label[true == 1].mean())
    assert one.specificity == pytest.approx(1 - label[true == 0].mean())
    assert one.sensitivity_low < one.sensitivity < one.sensitivity_high
    # Agresti and Coull: (x + 1) / (n + 2) with a normal interval, about 0.9 +- 2 sqrt(.09 / 86)
    assert one.sensitivity_high - one.sensitivity_low == pytest.approx(0.13, abs=0.03)


def test_without_true_positives_there_is_no_sensitivity(make_panel):
    panel = make_panel(np.eye(4)[:, :1], {"a": np.arange(4.0)[:, None] / 4})
    (one,) = label_agreement.agreement(panel, np.zeros((4, 1)), 0.95)
    assert np.isnan(one.sensitivity)
    assert one.specificity == 0.75
    assert np.isnan(one.kappa_low) or one.kappa == 0
