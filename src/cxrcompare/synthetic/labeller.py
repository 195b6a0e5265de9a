"""Simulated labels with errors: label states of reports, and labels of three readers."""

from __future__ import annotations

import numpy as np

from cxrcompare.findings import CHEXPERT

STATED: dict[str, tuple[float, float, float]] = {
    "No Finding": (0.1002, 0.0, 0.0),
    "Enlarged Cardiomediastinum": (0.0483, 0.0969, 0.0555),
    "Cardiomegaly": (0.1209, 0.0498, 0.0362),
    "Lung Opacity": (0.4726, 0.0295, 0.0251),
    "Lung Lesion": (0.0411, 0.0057, 0.0067),
    "Edema": (0.2339, 0.0927, 0.0581),
    "Consolidation": (0.0662, 0.1258, 0.1242),
    "Pneumonia": (0.0270, 0.0125, 0.0840),
    "Atelectasis": (0.1494, 0.0059, 0.1510),
    "Pneumothorax": (0.0870, 0.2522, 0.0141),
    "Pleural Effusion": (0.3858, 0.1584, 0.0520),
    "Pleural Other": (0.0158, 0.0014, 0.0119),
    "Fracture": (0.0405, 0.0112, 0.0029),
    "Support Devices": (0.5192, 0.0275, 0.0048),
}
"""Shares of CheXpert's training images that are positive, negative, uncertain; others are blank."""

FALSE_POSITIVE, FALSE_NEGATIVE, UNCERTAIN_TRUE = 0.06, 0.05, 0.55
"""Share of positive labels that are wrong, of negative labels that are wrong, and of uncertain
labels whose finding is present."""

KEPT = 0.6
"""Share of No Finding labels without another (wrong or uncertain) label that overrides them."""

SKILLS: dict[str, tuple[float, float]] = {
    "reader1": (2.6, 0.0),
    "reader2": (1.9, -0.25),
    "reader3": (1.3, 0.25),
}
"""Separation of present and absent in standard deviations, and bias, of each reader."""


def rates(finding: str, prevalence: float) -> np.ndarray:
    """Returns the probability of each label state given the truth, (2, 4).

    Rows: absent, present. Columns: positive, negative, uncertain, blank. In a population with this
    prevalence, the states have the shares of `STATED` if enough findings are present.

    Args:
        finding: A finding of CheXpert.
        prevalence: The share of studies with the finding.
    """
    positive, negative, uncertain = STATED[finding]
    share = np.array([1 - FALSE_POSITIVE, FALSE_NEGATIVE, UNCERTAIN_TRUE])
    stated = np.array([positive, negative, uncertain])
    present = share * stated / prevalence
    if finding == "No Finding":
        present /= KEPT
    present *= min(1.0, 0.97 / max(float(present.sum()), 1e-9))
    absent = (1 - share) * stated / (1 - prevalence)
    table = np.stack([absent, present])
    return np.column_stack([table, 1.0 - table.sum(axis=1)])


def label(truth: np.ndarray, chances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns the label states of a simulated report, (F,) in {1, 0, -1, NaN}.

    Args:
        truth: (F,) in {0, 1}.
        chances: (F, 2, 4), the results of `rates`.
        rng: Random numbers.
    """
    states = np.array([1.0, 0.0, -1.0, np.nan])
    given_truth = chances[np.arange(len(truth)), truth.astype(int)]
    index = (rng.random((len(truth), 1)) > np.cumsum(given_truth, axis=1)[:, :3]).sum(axis=1)
    labels = states[index]
    illness = np.array([name not in ("No Finding", "Support Devices") for name in CHEXPERT])
    if (np.isin(labels, (1.0, -1.0)) & illness).any():
        labels[CHEXPERT.index("No Finding")] = np.nan
    return labels


def read(
    truth: np.ndarray, severity: np.ndarray, skill: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """Returns a simulated reader's labels, (F,) in {0, 1}: equal-variance signal detection.

    Args:
        truth: (F,) in {0, 1}.
        severity: (F,) in [0, 1]; mild findings are missed more often.
        skill: Separation and bias, as in `SKILLS`.
        rng: Random numbers.
    """
    separation, bias = skill
    strength = separation * np.where(truth > 0, 0.5 + severity, 0.0)
    seen = strength + rng.standard_normal(len(truth))
    return (seen > 0.62 * separation + bias + 0.5).astype(float)
