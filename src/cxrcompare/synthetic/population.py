"""The population of the sample: patients, studies, views, truth and labels, from one seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from cxrcompare.findings import CHEXPERT
from cxrcompare.synthetic import labeller
from cxrcompare.synthetic.chest.body import draw_body
from cxrcompare.synthetic.shortcuts import Shortcuts, parse
from cxrcompare.synthetic.study import Study
from cxrcompare.synthetic.truth import draw_findings, draw_truth, present

SHARES: dict[str, float] = {"train": 0.7, "valid": 0.1, "test": 0.2}
"""Share of the images in each split."""


@dataclass(frozen=True)
class Image:
    """One image to draw.

    Attributes:
        study: The study.
        view: PA, AP or lateral.
        path: Its path below the sample's folder.
        seed: Seed of its random numbers.
    """

    study: Study
    view: str
    path: str
    seed: tuple[int, ...]


@dataclass(frozen=True)
class Visit:
    """A study with its images, metadata, truth and labels.

    Attributes:
        split: train, valid or test.
        name: Its path below the sample's folder, `split/patientNNNNN/studyN`.
        age: Years.
        sex: Female or Male.
        truth: (14,) in {0, 1}.
        labels: (14,) labels of the label file: the report's states in training, else the truth.
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
    """Returns the share of studies with each finding, (14,), from 20,000 simulated studies."""
    rng = np.random.default_rng(20_000)
    found = draw_findings(20_000, rng)
    return np.mean(
        [present([CHEXPERT[i + 1] for i in np.flatnonzero(row)]) for row in found], axis=0
    )


@cache
def _chances() -> np.ndarray:
    shares = prevalences()
    return np.stack(
        [labeller.rates(name, float(p)) for name, p in zip(CHEXPERT, shares, strict=True)]
    )


def draw_population(
    images: int,
    seed: int,
    shortcuts: tuple[str, ...] = (),
    strength: float | None = None,
    in_test: str = "broken",
) -> list[Visit]:
    """Returns all studies of a sample; each patient is in one split.

    Args:
        images: Number of images in all splits.
        seed: The sample's seed.
        shortcuts: Spurious correlations to plant, see `shortcuts.parse`.
        strength: Their strength.
        in_test: Whether they are "broken" or "kept" in the test images.
    """
    planted = parse(shortcuts, strength, in_test)
    visits: list[Visit] = []
    number = 0
    for split, wanted in counts(images).items():
        left = wanted
        while left:
            number += 1
            for visit in _patient(number, split, seed, planted):
                if left:
                    kept = visit.images[:left]
                    left -= len(kept)
                    visits.append(replace(visit, images=kept))
    return visits


def counts(images: int) -> dict[str, int]:
    """Returns the number of images in each split, of sum `images`."""
    test, valid = round(images * SHARES["test"]), round(images * SHARES["valid"])
    return {"train": images - valid - test, "valid": valid, "test": test}


def _patient(number: int, split: str, seed: int, planted: Shortcuts) -> list[Visit]:
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
        study = planted.plant(Study(body, severities, (seed, number, index), upright), split)
        truth = study.truth
        name = f"{split}/patient{number:05d}/study{index}"
        labels = labeller.label(truth, _chances(), rng) if split == "train" else truth
        drawn = tuple(
            Image(
                study,
                view,
                f"{name}/view{order}_{'lateral' if view == 'lateral' else 'frontal'}.jpg",
                (seed, number, index, order),
            )
            for order, view in enumerate(views, start=1)
        )
        visits.append(Visit(split, name, age, "Female" if female else "Male", truth, labels, drawn))
    return visits


def _views(upright: bool, split: str, rng: np.random.Generator) -> list[str]:
    """Returns the views: AP for supine patients; PA for upright ones, with a lateral for half."""
    first = "PA" if upright else "AP"
    views = [first]
    if upright and rng.random() < (0.5 if split == "train" else 0.6):
        views.append("lateral")
    elif rng.random() < 0.04:
        views.append(first)
    return views
