"""Cases among the test images: views of a study, the order of images, the limit on images."""

from __future__ import annotations

import numpy as np

from cxrcompare.cases import evaluated_images
from cxrcompare.cases.evaluated_images import Case, EvaluatedImages, of_finding, within_limit

NAN = float("nan")


def given_tests(scores, labels, units, threshold=0.5):
    scores = np.array(scores)[:, :, None]
    images = np.array([f"i{number}" for number in range(scores.shape[1])])
    limits = np.full((len(scores), 1), threshold)
    return EvaluatedImages(
        ("Edema",), images, np.array(units), np.array(labels)[:, None], scores, limits
    )


def test_the_view_with_the_highest_mean_score_is_shown():
    """Study s has images 0 and 1; its score is the higher one; its label is that of either."""
    given = given_tests([[0.1, 0.3, 0.9, 0.2]], [1.0, NAN, 1.0, 0.0], ["s", "s", "t", "u"])
    (miss,) = of_finding(given, 0, "max", 5)
    assert (miss.rule, miss.image, miss.label, miss.scores.tolist()) == ("miss", 1, 1.0, [0.3])
    (miss,) = of_finding(given, 0, "mean", 5)
    assert (miss.image, miss.scores.tolist()) == (1, [0.2])


def test_the_order_of_images_does_not_matter():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 20)
    units = np.array([f"s{number:02}" for number in range(20)])
    scores = rng.random((2, 20))
    order = rng.permutation(20)
    one = of_finding(given_tests(scores, labels.astype(float), units), 0, "max", 3)
    other = of_finding(
        given_tests(scores[:, order], labels[order].astype(float), units[order]), 0, "max", 3
    )
    assert [(a.rule, a.image) for a in one] == [(b.rule, order[b.image]) for b in other]


def test_the_last_cases_of_every_rule_are_left_out(monkeypatch):
    monkeypatch.setattr(evaluated_images, "MOST_IMAGES", 3)
    found = [
        Case("miss", finding, 10 * finding + rank, 1.0, np.zeros(1), rank)
        for finding in range(2)
        for rank in range(3)
    ]
    kept, images = within_limit(found)
    assert [(one.finding, one.rank) for one in kept] == [(0, 0), (0, 1), (1, 0)]
    assert images == [0, 10, 1]
