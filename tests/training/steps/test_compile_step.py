"""Tests of the choice of the step of the framework at hand."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.training.objectives import losses
from cxrcompare.training.steps.compile_step import compile_step
from cxrcompare.training.steps.step import Update, snapshot

pytestmark = pytest.mark.keras
CLASSES = {"tensorflow": "TensorFlowStep", "jax": "JaxStep", "torch": "TorchStep"}


def test_the_step_is_that_of_the_framework(backend, tiny_network):
    step = compile_step(tiny_network("mobilenet", 3, 32), losses.bce, Update((), ()))
    assert type(step).__name__ == CLASSES[backend]


def test_a_step_that_only_predicts_changes_no_variable(backend, tiny_network):
    model = tiny_network("mobilenet", 3, 32)
    model.trainable = False
    before = snapshot(model)
    step = compile_step(model, losses.bce, Update((), ()))
    pixels = np.random.default_rng(0).integers(0, 256, (4, 32, 32, 1), dtype=np.uint8)
    first, again = step.predict(pixels), step.predict(pixels)
    assert first.shape == (4, 3)
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again)
    step.sync()
    for one, other in zip(before, snapshot(model), strict=True):
        np.testing.assert_array_equal(one, other)
