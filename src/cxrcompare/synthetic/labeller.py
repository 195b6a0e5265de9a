"""What reports say of the truth, and what three readers see: label states with errors."""

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
"""Shares of CheXpert's training images: positive, negative, uncertain; the rest is blank."""

FALSE_POSITIVE, FALSE_NEGATIVE, UNCERTAIN_TRUE = 0.06, 0.05, 0.55
"""Shares of the positive labels that are wrong, of the negative ones, and of the uncertain ones
that stand for a finding that is there."""

KEPT = 0.6
"""Share of the No Finding labels that no other (wrong or uncertain) label of the report undoes."""

SKILLS: dict[str, tuple[float, float]] = {
    "reader1": (2.6, 0.0),
    "reader2": (1.9, -0.25),
    "reader3": (1.3, 0.25),
}
"""How far apart each reader sees present and absent, in standard deviations, and their leaning."""


def rates(finding: str, prevalence: float) -> np.ndarray:
    """Returns the chances of each label state given the truth, (2, 4).

    Rows: absent, present. Columns: positive, negative, uncertain, blank. Over a population with
    the prevalence, the states have the shares of `STATED` as far as enough findings are present.

    Args:
        finding: A finding of CheXpert.
        prevalence: The share of studies that have it.
    """
    positive, negative, uncertain = STATED[finding]
    share = np.array([1 - FALSE_POSITIVE, FALSE_NEGATIVE, UNCERTAIN_TRUE])
    stated = np.array([positive, negative, uncertain])
    there = share * stated / prevalence
    if finding == "No Finding":
        there /= KEPT
    there *= min(1.0, 0.97 / max(float(there.sum()), 1e-9))
    absent = (1 - share) * stated / (1 - prevalence)
    table = np.stack([absent, there])
    return np.column_stack([table, 1.0 - table.sum(axis=1)])


def label(truth: np.ndarray, chances: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Returns what the report says, (F,) in {1, 0, -1, NaN}.

    Args:
        truth: (F,) in {0, 1}.
        chances: (F, 2, 4), of `rates`.
        rng: Random numbers.
    """
    states = np.array([1.0, 0.0, -1.0, np.nan])
    mine = chances[np.arange(len(truth)), truth.astype(int)]
    place = (rng.random((len(truth), 1)) > np.cumsum(mine, axis=1)[:, :3]).sum(axis=1)
    said = states[place]
    illness = np.array([name not in ("No Finding", "Support Devices") for name in CHEXPERT])
    if (np.isin(said, (1.0, -1.0)) & illness).any():
        said[CHEXPERT.index("No Finding")] = np.nan
    return said


def read(
    truth: np.ndarray, severity: np.ndarray, skill: tuple[float, float], rng: np.random.Generator
) -> np.ndarray:
    """Returns what a reader says, (F,) in {0, 1}: equal-variance signal detection.

    Args:
        truth: (F,) in {0, 1}.
        severity: (F,) in [0, 1]; slight findings are missed more often.
        skill: Separation and leaning, as in `SKILLS`.
        rng: Random numbers.
    """
    separation, leaning = skill
    strength = separation * np.where(truth > 0, 0.5 + severity, 0.0)
    seen = strength + rng.standard_normal(len(truth))
    return (seen > 0.62 * separation + leaning + 0.5).astype(float)
