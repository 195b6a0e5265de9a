"""Random weights with the names of torchvision's ResNet34."""

from __future__ import annotations

import numpy as np

State = dict[str, np.ndarray]


def random_state(stages: tuple[tuple[int, int], ...], seed: int = 0) -> State:
    """Returns a state dict with torchvision's names, independent of this package's layers."""
    rng = np.random.default_rng(seed)
    state: State = {}

    def convolution(name: str, into: int, out: int, size: int) -> None:
        scale = (2 / (into * size * size)) ** 0.5
        state[f"{name}.weight"] = scale * rng.standard_normal((out, into, size, size))

    def normalisation(name: str, channels: int) -> None:
        state[f"{name}.weight"] = rng.uniform(0.5, 1, channels)
        state[f"{name}.bias"] = rng.normal(0, 0.2, channels)
        state[f"{name}.running_mean"] = rng.normal(0, 0.2, channels)
        state[f"{name}.running_var"] = rng.uniform(0.5, 2, channels)
        state[f"{name}.num_batches_tracked"] = np.array(3)

    convolution("conv1", 3, stages[0][0], 7)
    normalisation("bn1", stages[0][0])
    into = stages[0][0]
    for stage, (channels, blocks) in enumerate(stages, start=1):
        for block in range(blocks):
            name = f"layer{stage}.{block}"
            convolution(f"{name}.conv1", into, channels, 3)
            normalisation(f"{name}.bn1", channels)
            convolution(f"{name}.conv2", channels, channels, 3)
            normalisation(f"{name}.bn2", channels)
            if block == 0 and stage > 1:
                convolution(f"{name}.downsample.0", into, channels, 1)
                normalisation(f"{name}.downsample.1", channels)
            into = channels
    state["fc.weight"], state["fc.bias"] = rng.normal(size=(1000, into)), np.zeros(1000)
    return {name: np.asarray(array, np.float32) for name, array in state.items()}
