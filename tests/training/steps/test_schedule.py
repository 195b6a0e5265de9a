"""Learning rates and weight decay."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.steps import schedule


def settings(**given: Any) -> Any:
    return RunConfig(
        model="resnet34", store="s", weights="none", recipe="original", learning_rate=1.0, **given
    ).settings(False)


@pytest.mark.parametrize(
    ("position", "expected"),
    [(0.1, 1.0), (10, 1.0), (10.01, 0.1), (30, 0.1), (30.01, 0.01), (50, 0.01)],
)
def test_the_originals_steps(position, expected):
    assert schedule.rate(settings(), position, 50) == pytest.approx(expected)


def test_warm_up_grows_from_zero_and_cosine_falls_to_its_end():
    # 2 epochs up, 8 down; half way down (epoch 6) is the mean of 1 and 0.1: 0.55
    chosen = settings(schedule="cosine", warmup_epochs=2, final_rate=0.1)
    rates = [schedule.rate(chosen, position, 10) for position in (0, 1, 2, 6, 10)]
    assert rates == pytest.approx([0, 0.5, 1, 0.55, 0.1])
    falling = [schedule.rate(chosen, 2 + step / 10, 10) for step in range(81)]
    assert falling == sorted(falling, reverse=True)


def test_warm_up_longer_than_the_training_does_not_overshoot():
    chosen = settings(schedule="cosine", warmup_epochs=20)
    assert schedule.rate(chosen, 5, 10) == pytest.approx(0.5)


def variable(*shape: int) -> Any:
    return SimpleNamespace(shape=shape)


def test_biases_and_norms_do_not_decay():
    assert schedule.decays([variable(3, 3, 1, 8), variable(8), variable(8, 2)], 0.1) == [
        0.1,
        0,
        0.1,
    ]


def test_two_groups_are_the_default():
    backbone = [variable(1) for _ in range(5)]
    assert schedule.factors([*backbone, variable(1)], backbone, 0.1) == [0.1] * 5 + [1.0]
