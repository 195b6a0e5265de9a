"""MobileNet: is the mean of a dilated map nearer to the logit than that of shifted images?

    python benchmarks/dilated_maps.py --store STORE --weights DIR [--images 32]

A dense evaluation replaces the strides of the last stages by dilation; the weights stay. Prints
the root mean square of the mean of the map plus the bias minus the logit, in standard deviations of
the logits, for it and for the maps of shifted images, and the mean correlation with the logit.
Result: docs/results/explanation.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare.images.prepare import open_store
from cxrcompare.training.feeding.batches import take
from cxrcompare.training.steps import device

HALVINGS = {64: 2, 224: 1}
"""The last halvings that are replaced, by image size, for as many cells as the refined map has."""


def main() -> None:
    """Prints a row for each image size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--images", type=int, default=32)
    given = parser.parse_args()
    device.start()
    store = open_store(given.store)
    print("size,cells,dilated,correlation,shifted,correlation")
    for size in HALVINGS:
        pixels = take(store.pixels, np.arange(min(given.images, len(store))), size)[..., None]
        print(_row(pixels, given.weights), flush=True)


def _row(pixels: np.ndarray, weights: Path) -> str:
    import keras

    from cxrcompare import models
    from cxrcompare.explaining.map_making import map_maker

    keras.utils.set_random_seed(0)
    size = pixels.shape[1]
    model = models.build("mobilenet", 14, size, weights=weights)
    logits, shifted = map_maker(model).make(pixels)
    head = model.get_layer("logits")
    kernel, bias = np.asarray(head.kernel), np.asarray(head.bias)
    features = np.asarray(dilated(model.get_layer("backbone"), HALVINGS[size])(pixels * 1.0))
    found = []
    for mean in ((features @ kernel).mean((1, 2)), shifted.mean((2, 3))):
        distance = np.sqrt(((mean + bias - logits) ** 2).mean()) / logits.std(axis=0).mean()
        pairs = zip(mean.T, logits.T, strict=True)
        found += [distance, np.mean([np.corrcoef(*pair)[0, 1] for pair in pairs])]
    return f"{size},{features.shape[1]}," + ",".join(f"{value:.3f}" for value in found)


def dilated(backbone: Any, halvings: int) -> Any:
    """Returns MobileNet's backbone without its last halvings, with dilation behind them."""
    from keras import layers, models

    strided = [
        one.name
        for one in backbone.layers
        if isinstance(one, layers.DepthwiseConv2D) and one.strides == (2, 2)
    ][-halvings:]
    following = {
        one.name: other.name
        for one, other in zip(backbone.layers, backbone.layers[1:], strict=False)
    }
    rate = 1

    def clone(layer: Any) -> Any:
        nonlocal rate
        config = layer.get_config()
        if isinstance(layer, layers.ZeroPadding2D) and following[layer.name] in strided:
            # The padding below and right is 1 for steps of 2, so 2 for steps of 1.
            config["padding"] = ((0, 2 * rate), (0, 2 * rate))
        if isinstance(layer, layers.DepthwiseConv2D):
            config["dilation_rate"] = (rate, rate)
            if layer.name in strided:
                config["strides"] = (1, 1)
                rate *= 2
        return type(layer).from_config(config)

    made = models.clone_model(backbone, clone_function=clone)
    made.set_weights(backbone.get_weights())
    return made


if __name__ == "__main__":
    main()
