"""Who is in the sample: patients, their studies and views, truth and labels, from one seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from cxrcompare.findings import CHEXPERT
from cxrcompare.synthetic import labeller
from cxrcompare.synthetic.chest.body import draw_body
from cxrcompare.synthetic.study import Study, pneumothorax_side
from cxrcompare.synthetic.truth import draw_findings, draw_truth, present

SHARES: dict[str, float] = {"train": 0.7, "valid": 0.1, "test": 0.2}
"""Share of the images in each split."""


SHORTCUTS: dict[str, str] = {
    "drain": "every pneumothorax of train and valid has a drain, every second one of test",
    "marker": "site A's sign stands on nine of ten effusions of train and valid and on one of ten "
    "other images; in test on every second image",
}
"""The shortcuts that can be built in, and what each does."""


@dataclass(frozen=True)
class Image:
    """One image to draw.

    Attributes:
        study: The study.
        view: PA, AP or lateral.
        path: Its place below the sample's folder.
        seed: Start of its random numbers.
    """

    study: Study
    view: str
    path: str
    seed: tuple[int, ...]


@dataclass(frozen=True)
class Visit:
    """A study with its images and everything that is known of it.

    Attributes:
        split: train, valid or test.
        name: Its place below the sample's folder, `split/patientNNNNN/studyN`.
        age: Years.
        sex: Female or Male.
        truth: (14,) in {0, 1}.
        labels: (14,) what the label file says: the report's states in training, else the truth.
        images: Its images.
    """

    split: str
    name: str
    age: int
    sex: str
    truth: np.ndarray
    labels: np.ndarray
    images: tuple[Image, ...]


@cache
def prevalences() -> np.ndarray:
    """Returns the share of studies with each finding, (14,), from 20,000 drawn ones."""
    rng = np.random.default_rng(20_000)
    there = draw_findings(20_000, rng)
    return np.mean(
        [present([CHEXPERT[i + 1] for i in np.flatnonzero(row)]) for row in there], axis=0
    )


@cache
def _chances() -> np.ndarray:
    shares = prevalences()
    return np.stack(
        [labeller.rates(name, float(p)) for name, p in zip(CHEXPERT, shares, strict=True)]
    )


def draw_population(images: int, seed: int, shortcuts: tuple[str, ...] = ()) -> list[Visit]:
    """Returns all studies of a sample; splits share no patient.

    Args:
        images: Images over all splits.
        seed: The sample's seed.
        shortcuts: Shortcuts to build in.
    """
    visits: list[Visit] = []
    number = 0
    for split, wanted in counts(images).items():
        left = wanted
        while left:
            number += 1
            for visit in _patient(number, split, seed, shortcuts):
                if left:
                    kept = visit.images[:left]
                    left -= len(kept)
                    visits.append(replace(visit, images=kept))
    return visits


def counts(images: int) -> dict[str, int]:
    """Returns the number of images in each split; they add up to `images`."""
    test, valid = round(images * SHARES["test"]), round(images * SHARES["valid"])
    return {"train": images - valid - test, "valid": valid, "test": test}


def _patient(number: int, split: str, seed: int, shortcuts: tuple[str, ...]) -> list[Visit]:
    rng = np.random.default_rng([seed, number])
    age = int(np.clip(rng.normal(61, 17), 18, 90))
    female = bool(rng.random() < 0.41)
    body = draw_body(age, female, rng)
    studies = int(min(1 + rng.geometric(0.55) - 1, 5)) if split == "train" else 1
    visits = []
    for index in range(1, studies + 1):
        severities = draw_truth(rng)
        ill = len(severities) + 1.5 * severities.get("Support Devices", 0.0)
        upright = bool(rng.random() < 1.0 / (1.0 + np.exp(1.1 * (ill - 2.6))))
        views = _views(upright, split, rng)
        study = Study(body, severities, (seed, number, index), upright)
        study = _with_shortcuts(study, split, shortcuts)
        truth = study.truth
        name = f"{split}/patient{number:05d}/study{index}"
        labels = labeller.label(truth, _chances(), rng) if split == "train" else truth
        drawn = tuple(
            Image(
                study,
                view,
                f"{name}/view{place}_{'lateral' if view == 'lateral' else 'frontal'}.jpg",
                (seed, number, index, place),
            )
            for place, view in enumerate(views, start=1)
        )
        visits.append(Visit(split, name, age, "Female" if female else "Male", truth, labels, drawn))
    return visits


def _with_shortcuts(study: Study, split: str, shortcuts: tuple[str, ...]) -> Study:
    """Returns the study with what ties a finding to something that is none of it."""
    rng = np.random.default_rng([*study.seed, 99])
    treated, sign = rng.random(2)
    found = study.severities
    if "drain" in shortcuts and "Pneumothorax" in found and (split != "test" or treated < 0.5):
        study = replace(study, drain=pneumothorax_side(study))
    if "marker" in shortcuts:
        share = 0.5 if split == "test" else 0.9 if "Pleural Effusion" in found else 0.1
        study = replace(study, site="A" if sign < share else "")
    return study


def _views(upright: bool, split: str, rng: np.random.Generator) -> list[str]:
    """Lying patients get an AP view; of the upright, half also get a lateral one."""
    first = "PA" if upright else "AP"
    views = [first]
    if upright and rng.random() < (0.5 if split == "train" else 0.6):
        views.append("lateral")
    elif rng.random() < 0.04:
        views.append(first)
    return views
