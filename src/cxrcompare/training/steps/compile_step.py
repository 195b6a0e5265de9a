"""The training step of a network, for the framework that Keras runs on."""

from __future__ import annotations

import keras

from cxrcompare.training.steps.step import Loss, Step, Update


def compile_step(model: keras.Model, loss: Loss, update: Update) -> Step:
    """Returns the step of a network.

    Args:
        model: The network; its trainable variables are trained.
        loss: (targets, weights, logits) -> scalar.
        update: How gradients change the weights.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        from cxrcompare.training.steps.step_tensorflow import TensorFlowStep

        return TensorFlowStep(model, loss, update)
    if backend == "jax":
        from cxrcompare.training.steps.step_jax import JaxStep

        return JaxStep(model, loss, update)
    from cxrcompare.training.steps.step_torch import TorchStep

    return TorchStep(model, loss, update)
