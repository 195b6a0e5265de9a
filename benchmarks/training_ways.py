"""What `training.py` times: each way to train a network, as a function of the options."""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def timed(
    step: Callable[[], None],
    wait: Callable[[], None],
    options: argparse.Namespace,
    beside: Callable[[], None] | None = None,
    ratio: str = "of_resident",
) -> dict[str, Any]:
    """Times the first step, then the median of rounds of steps.

    Rounds of `beside`, if given, take turns with them; `ratio` names their median ratio.
    """

    def round_of(one: Callable[[], None]) -> float:
        begun = time.perf_counter()
        for _ in range(options.steps):
            one()
        wait()
        return options.steps * options.batch / (time.perf_counter() - begun)

    begun = time.perf_counter()
    step()
    wait()
    first = time.perf_counter() - begun
    step()
    wait()
    rates, ratios = [], []
    for _ in range(options.rounds):
        rates.append(round_of(step))
        if beside:
            ratios.append(rates[-1] / round_of(beside))
    row = {
        "images_per_second": round(statistics.median(rates), 2),
        "first_step_seconds": round(first, 2),
    }
    return row | ({ratio: round(statistics.median(ratios), 3)} if ratios else {})


def opened(options: argparse.Namespace) -> tuple[Any, Any, Any]:
    """Returns the store's training pictures as a source, and targets."""
    from cxrcompare.images.prepare import open_store
    from cxrcompare.labels.policy import Policy, targets
    from cxrcompare.training.feeding.batches import Source

    store = open_store(options.store)
    learnt = targets(store.table.states, store.table.findings, Policy())
    rows = np.arange(len(store))
    return store, learnt, Source(store.pixels, rows, learnt.values, learnt.weights)


def forever(options: argparse.Namespace, source: Any) -> Iterator[Any]:
    """Yields augmented batches, epoch after epoch."""
    from cxrcompare.training.feeding.batches import Plan, training_batches
    from cxrcompare.training.run_config import RunConfig

    settings = RunConfig(model="resnet50", store=options.store).settings(True)
    plan = Plan(0, options.batch, options.size, settings.augmentation)
    epoch = 0
    while True:
        yield from training_batches(source, plan, epoch)
        epoch += 1


def made(options: argparse.Namespace, findings: int) -> tuple[Any, dict[str, Any]]:
    """Builds the network; returns it and how long that took."""
    import keras

    from cxrcompare import models
    from cxrcompare.training.steps import device

    precision = device.precision(options.precision)
    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else "float32")
    begun = time.perf_counter()
    model = models.build(options.models, findings, options.size)
    return model, {"build_seconds": round(time.perf_counter() - begun, 2), "precision": precision}


def compiled(model: Any) -> Any:
    """Returns this project's step with the modern recipe's settings."""
    from cxrcompare.training.objectives import losses
    from cxrcompare.training.steps import schedule
    from cxrcompare.training.steps.compile_step import compile_step
    from cxrcompare.training.steps.step import Update

    variables = model.trainable_variables
    decays = schedule.decays(variables, 0.01)
    return compile_step(model, losses.bce, Update([1.0] * len(variables), decays, clip_norm=1.0))


def resident(options: argparse.Namespace) -> dict[str, Any]:
    """The compiled step on one batch that stays."""
    _store, learnt, source = opened(options)
    model, row = made(options, len(learnt.findings))
    step, batch = compiled(model), next(forever(options, source))
    return row | timed(
        lambda: step.train(batch.pixels, batch.values, batch.weights, 1e-4),
        lambda: step.mean_loss(),
        options,
    )


def training(options: argparse.Namespace) -> dict[str, Any]:
    """The compiled step fed by the loader."""
    _store, learnt, source = opened(options)
    model, row = made(options, len(learnt.findings))
    step, batches = compiled(model), forever(options, source)
    still = next(batches)

    def learn(batch: Any) -> None:
        step.train(batch.pixels, batch.values, batch.weights, 1e-4)

    row |= timed(
        lambda: learn(next(batches)), lambda: step.mean_loss(), options, lambda: learn(still)
    )
    batches.close()
    return row


def in_turns(options: argparse.Namespace) -> dict[str, Any]:
    """The compiled step fed by the loader, and Keras's own step, round by round."""
    _store, learnt, source = opened(options)
    model, row = made(options, len(learnt.findings))
    step, batches = compiled(model), forever(options, source)
    (keras_step, _), still = keras_own(options, len(learnt.findings)), next(batches)
    for _ in range(2):
        keras_step(still)

    def learn() -> None:
        batch = next(batches)
        step.train(batch.pixels, batch.values, batch.weights, 1e-4)

    row |= timed(
        learn, lambda: step.mean_loss(), options, lambda: keras_step(still), "of_train_on_batch"
    )
    batches.close()
    return row


def keras_own(options: argparse.Namespace, findings: int) -> tuple[Callable[[Any], None], Any]:
    """Returns Keras's `train_on_batch` of a network of its own, and what `made` says of it."""
    import keras

    model, row = made(options, findings)
    model.compile(keras.optimizers.AdamW(1e-4, weight_decay=0.01, clipnorm=1.0), keras_loss)
    return lambda batch: model.train_on_batch(batch.pixels, batch.values), row


def train_on_batch(options: argparse.Namespace) -> dict[str, Any]:
    """Keras's own step on one batch that stays."""
    _store, learnt, source = opened(options)
    step, row = keras_own(options, len(learnt.findings))
    batch = next(forever(options, source))
    return row | timed(lambda: step(batch), lambda: None, options)


def keras_loss(targets: Any, logits: Any) -> Any:
    """Plain cross-entropy of logits."""
    import keras

    return keras.ops.mean(keras.ops.softplus(logits) - targets * logits)


def fit(options: argparse.Namespace) -> dict[str, Any]:
    """Keras's `fit` on a tf.data pipeline that decodes PNGs and augments with Keras layers."""
    import cv2
    import keras
    import tensorflow as tf

    store, learnt, _ = opened(options)
    model, row = made(options, len(learnt.findings))
    model.compile(keras.optimizers.AdamW(1e-4, weight_decay=0.01, clipnorm=1.0), keras_loss)
    count = min(len(store), options.batch * (options.steps + 1))
    vary = keras.Sequential(
        [
            keras.layers.RandomRotation(10 / 360),
            keras.layers.RandomTranslation(0.05, 0.05),
            keras.layers.RandomZoom(0.1),
            keras.layers.RandomBrightness(0.1),
            keras.layers.RandomContrast(0.1),
        ]
    )

    class Stamps(keras.callbacks.Callback):
        times: list[float]

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.times.append(time.perf_counter())

    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/{row}.png" for row in range(count)]
        for path, picture in zip(paths, store.pixels, strict=False):
            cv2.imwrite(path, picture)

        def read(path: Any, target: Any) -> Any:
            picture = tf.io.decode_png(tf.io.read_file(path), channels=1)
            return tf.image.resize(picture, (options.size, options.size)), target

        data = (
            tf.data.Dataset.from_tensor_slices((paths, learnt.values[:count]))
            .shuffle(count)
            .map(read, num_parallel_calls=tf.data.AUTOTUNE)
            .batch(options.batch, drop_remainder=True)
            .map(lambda x, y: (vary(x, training=True), y), num_parallel_calls=tf.data.AUTOTUNE)
            .repeat()
            .prefetch(tf.data.AUTOTUNE)
        )
        stamps = Stamps()
        stamps.times = [time.perf_counter()]
        model.fit(
            data,
            epochs=1,
            steps_per_epoch=2 + options.rounds * options.steps,
            callbacks=[stamps],
            verbose=0,
        )
    rates = [
        options.steps * options.batch / (stamps.times[end] - stamps.times[end - options.steps])
        for end in range(2 + options.steps, len(stamps.times), options.steps)
    ]
    return row | {
        "images_per_second": round(statistics.median(rates), 2),
        "first_step_seconds": round(stamps.times[1] - stamps.times[0], 2),
    }


def torch(options: argparse.Namespace) -> dict[str, Any]:
    """The architecture in plain PyTorch, pictures read through torchxrayvision's data set class."""
    import cv2
    import torch as pytorch
    import torchvision
    import torchxrayvision as xrv

    store, learnt, _ = opened(options)
    model = torch_network(options.models, len(learnt.findings))
    optimiser = pytorch.optim.AdamW(model.parameters(), 1e-4)
    criterion = pytorch.nn.BCEWithLogitsLoss()
    resize = torchvision.transforms.Compose([xrv.datasets.XRayResizer(options.size, engine="cv2")])

    class Pictures(pytorch.utils.data.Dataset):
        def __init__(self, folder: str) -> None:
            self.paths = [f"{folder}/{row}.png" for row in range(min(len(store), 512))]
            for path, picture in zip(self.paths, store.pixels, strict=False):
                cv2.imwrite(path, picture)

        def __len__(self) -> int:
            return len(self.paths)

        def __getitem__(self, index: int) -> Any:
            picture = xrv.datasets.normalize(cv2.imread(self.paths[index], 0), 255)[None]
            return resize(picture).astype(np.float32), learnt.values[index]

    with tempfile.TemporaryDirectory() as folder:
        loader = pytorch.utils.data.DataLoader(
            Pictures(folder),
            options.batch,
            shuffle=True,
            drop_last=True,
            num_workers=max(1, (os.cpu_count() or 1) - 1),
            persistent_workers=True,
        )

        def forever_torch() -> Iterator[Any]:
            while True:
                yield from loader

        batches = forever_torch()

        def one() -> None:
            pixels, targets = next(batches)
            optimiser.zero_grad()
            criterion(model(pixels.repeat(1, 3, 1, 1)), targets).backward()
            optimiser.step()

        return {"precision": "float32"} | timed(one, lambda: None, options)


def torch_network(name: str, classes: int) -> Any:
    """The architecture in PyTorch: torchvision's, or MobileNet."""
    import torchvision

    if name == "mobilenet":
        return torch_mobilenet(classes)
    return getattr(torchvision.models, name)(num_classes=classes)


def torch_mobilenet(classes: int) -> Any:
    """MobileNet v1 (Howard et al. 2017, arXiv 1704.04861), which torchvision does not have."""
    from torch import nn

    def block(before: int, after: int, stride: int) -> list[Any]:
        return [
            nn.Conv2d(before, before, 3, stride, 1, groups=before, bias=False),
            nn.BatchNorm2d(before),
            nn.ReLU6(inplace=True),
            nn.Conv2d(before, after, 1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU6(inplace=True),
        ]

    layers = [nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU6(inplace=True)]
    widths = [
        (32, 64, 1),
        (64, 128, 2),
        (128, 128, 1),
        (128, 256, 2),
        (256, 256, 1),
        (256, 512, 2),
        *[(512, 512, 1)] * 5,
        (512, 1024, 2),
        (1024, 1024, 1),
    ]
    for before, after, stride in widths:
        layers += block(before, after, stride)
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, classes))
