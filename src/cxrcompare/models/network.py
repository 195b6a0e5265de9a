"""build: a complete network by name, from raw grey pixels to one logit per finding."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import os
import random
from pathlib import Path
from typing import Any, Literal

import keras
import numpy as np
from keras import layers

from cxrcompare import progress
from cxrcompare.errors import InputError, JobError, reason
from cxrcompare.isolated import LimitError
from cxrcompare.models import transfer
from cxrcompare.models.backbones import Backbone, check_imagenet, get, scales_and_offsets
from cxrcompare.models.own_backbone import own_backbone
from cxrcompare.models.residual_start import start_at_shortcuts
from cxrcompare.models.resnet34 import resnet34
from cxrcompare.models.stem import Stem
from cxrcompare.models.weight_files import weights as files
from cxrcompare.models.weight_files.foreign import read_layers, read_tensors
from cxrcompare.models.weight_files.resnet34_weights import convert, download

Head = Literal["linear", "original"]
Scaling = Literal["own", "unit"]


def build(
    name: str,
    findings: int,
    image_size: int,
    weights: str | os.PathLike[str] | keras.Model = "none",
    head: Head = "linear",
    dropout: float = 0.2,
    normalisation: Scaling = "own",
) -> keras.Model:
    """Returns a network that maps raw grey pixels to one logit per finding.

    Input: (B, image_size, image_size, 1), 0..255, uint8 or float; the network normalises them.
    Output: (B, findings) float32 logits of the layer `logits`; their sigmoid is a probability. The
    layer `backbone` is everything before the pooling. All layers are Keras's own, so that the
    saved model opens in safe mode and without this package.

    The input has one channel. Weights trained on colour give exactly the output that they give for
    grey replicated into three channels (see `stem`).

    Args:
        name: A network of `names()`, or `module:function`.
        findings: Number of logits.
        image_size: Height and width in pixels.
        weights: "imagenet" (Keras's cache; Keras downloads missing files), "none" (random), a
            weights file, or a folder with the network's weights file. Files: Keras's `.h5` with or
            without the classifier; for resnet34 also torchvision's and timm's `.pth` and
            `.safetensors`. A network that this function built gives its backbone's weights;
            `copy_head` copies its head.
        head: "linear": global average pooling, dropout, one dense layer. "original": the head of
            the original study: pooling, batch normalisation, dropout, dense 512 with ReLU, batch
            normalisation, dropout, dense.
        dropout: The share of features dropped before each dense layer, in [0, 1).
        normalisation: "own": as the network's ImageNet weights expect. "unit": pixels divided by
            255 for every network, as in the original study.

    Raises:
        InputError: An argument is out of range, or the weights do not exist or do not fit.
        JobError: The weights could not be downloaded.
    """
    entry = get(name)
    _check(entry, findings, image_size, head, dropout, normalisation)
    if normalisation == "unit":
        entry = dataclasses.replace(entry, normalisation="unit")
    backbone = _backbone(entry, image_size, weights)
    pixels = keras.Input((image_size, image_size, 1), name="pixels")
    features = layers.GlobalAveragePooling2D(name="pool")(backbone(pixels))
    if head == "original":
        features = layers.BatchNormalization(name="head_bn1")(features)
        features = _dropout(dropout, "head_dropout1")(features)
        features = layers.Dense(512, activation="relu", name="head_dense")(features)
        features = layers.BatchNormalization(name="head_bn2")(features)
    features = _dropout(dropout, "head_dropout")(features)
    logits = layers.Dense(findings, dtype="float32", name="logits")(features)
    return keras.Model(pixels, logits, name=entry.name)


def _dropout(share: float, name: str) -> layers.Layer:
    """Returns a dropout layer whose random state can be saved with every framework.

    With a seed, the random state is a variable, also on PyTorch.
    """
    return layers.Dropout(share, seed=random.randrange(2**31), name=name)


def _check(
    entry: Backbone, findings: int, image_size: int, head: str, dropout: float, normalisation: str
) -> None:
    if findings < 1:
        raise InputError(f"`findings` must be at least 1. Received: {findings}")
    if image_size < entry.smallest:
        raise InputError(
            f"`image_size` must be at least {entry.smallest} for {entry.name}. "
            f"Received: {image_size}"
        )
    if head not in ("linear", "original"):
        raise InputError(f"`head` must be linear or original. Received: {head}")
    if not 0 <= dropout < 1:
        raise InputError(f"`dropout` must be in [0, 1). Received: {dropout}")
    if normalisation not in ("own", "unit"):
        raise InputError(f"`normalisation` must be own or unit. Received: {normalisation}")
    if keras.config.image_data_format() != "channels_last":
        raise InputError("Keras's `image_data_format` must be channels_last. Received: another")


def _backbone(
    entry: Backbone, image_size: int, weights: str | os.PathLike[str] | keras.Model
) -> keras.Model:
    """Returns a network with the normalisation and, if it is Keras's, one-channel stem."""
    plain = _plain(entry, (image_size, image_size, 1), None)
    if isinstance(weights, keras.Model):
        arrays, colour = None, transfer.made_for_colour(weights)
    else:
        arrays = _pretrained(entry, plain, weights)
        colour = arrays is not None
    stem = None if entry.function else Stem(plain, entry.normalisation, colour)
    pixels = keras.Input((image_size, image_size, 1), name="pixels")
    if stem is None:
        scales, offsets = scales_and_offsets(entry.normalisation)
        scale, offset = scales[0], offsets[0]
    else:
        scale, offset = stem.scale, stem.offset
    normalised = layers.Rescaling(scale, offset, dtype="float32", name="normalise")(pixels)

    def call(layer: Any, x: Any, *rest: Any, **named: Any) -> Any:
        if stem is None:
            return layer(normalised if x is pixels else x, *rest, **named)
        if isinstance(layer, layers.Rescaling | layers.Normalization):
            return x  # EfficientNet's own normalisation, which assumes colour
        x = normalised if x is pixels else x
        return stem(x, normalised) if layer is stem.layer else layer(x, *rest, **named)

    backbone = keras.models.clone_model(
        plain, input_tensors=pixels, clone_function=lambda layer: layer, call_function=call
    )
    backbone.name = "backbone"
    if arrays is not None:
        _fill(entry, plain, stem, arrays)
    if isinstance(weights, keras.Model):
        transfer.copy_backbone(weights, backbone)
    elif arrays is None:
        start_at_shortcuts(entry.name, backbone)
    return backbone


def _plain(entry: Backbone, shape: tuple[int, int, int], weights: str | None) -> keras.Model:
    """Returns a network without classifier and, if optional, without normalisation."""
    if entry.function:
        return own_backbone(entry, shape[0])
    if not entry.builder:
        return resnet34(shape)
    builder = getattr(keras.applications, entry.builder)
    spare = {"include_preprocessing": False}
    if "include_preprocessing" not in inspect.signature(builder).parameters:
        spare = {}
    return builder(weights=weights, include_top=False, input_shape=shape, **spare)


def _pretrained(
    entry: Backbone, plain: keras.Model, weights: str | os.PathLike[str]
) -> files.Arrays | None:
    """Returns the weights of each layer of the colour network, or None for random weights."""
    if weights == "none":
        return None
    if weights == "imagenet":
        check_imagenet(entry)
        return _imagenet(entry, plain)
    path = Path(weights)
    found = files.file_of(entry, path) if path.is_dir() else path
    if found is None:
        raise InputError(f"`weights`: the folder {path} must contain weights of {entry.name}")
    if not found.is_file():
        raise InputError(f"`weights` must be imagenet, none, a file or a folder. Received: {path}")
    return _read(entry, plain, found)


def _read(entry: Backbone, plain: keras.Model, path: Path) -> files.Arrays:
    """Reads a weights file: Keras's for any network, PyTorch's for ResNet34."""
    if path.suffix.lower() == ".h5":
        return read_layers(path)
    if path.suffix.lower() not in files.SUFFIXES or entry.builder or entry.function:
        raise InputError(f"`weights` of {entry.name} must be a .h5 file. Received: {path}")
    names = [layer.name for layer in plain.layers if layer.weights]
    return convert(read_tensors(path), names, str(path))


def _imagenet(entry: Backbone, plain: keras.Model) -> files.Arrays:
    """Reads the ImageNet weights from Keras's cache; downloads them if they are missing."""
    cache = files.keras_cache()
    found = files.file_of(entry, cache) if cache.is_dir() else None
    if not os.access(cache.parent, os.W_OK):  # Keras would use `/tmp/.keras` instead
        if found is None:
            raise InputError(
                "KERAS_HOME must be a folder that can be written, to download the weights of "
                f"{entry.name}. Received: {cache.parent}; `weights` also takes a file, a folder "
                "or none"
            )
        return _read(entry, plain, found)
    if found is not None and found.suffix.lower() == ".h5":
        _drop_unfinished(found)
    try:
        with contextlib.redirect_stdout(progress.stream()):  # Keras prints its downloads to stdout
            return _fetched(entry, plain)
    except InputError:
        raise
    except Exception as error:  # Keras raises a bare Exception if a download fails
        raise JobError(
            f"the ImageNet weights of {entry.name} could not be downloaded: {reason(error)}; "
            "`weights` also takes a file, a folder or none"
        ) from error


def _drop_unfinished(path: Path) -> None:
    """Deletes a damaged file of a killed download; Keras accepts it if it has no hash to check.

    The file is read in a child process, so that a damaged file cannot hang this process.
    """
    try:
        read_layers(path)
    except LimitError:
        raise  # the disk may be slow
    except InputError:
        path.unlink()


def _fetched(entry: Backbone, plain: keras.Model) -> files.Arrays:
    """Reads the weights through Keras, which checks a file's known hash or downloads the file."""
    if not entry.builder:
        return _read(entry, plain, download())
    size = 331 if entry.name == "nasnetlarge" else 224
    colour = _plain(entry, (size, size, 3), "imagenet")
    return [
        (layer.name, [np.asarray(variable) for variable in _variables(layer)])
        for layer in colour.layers
        if layer.weights
    ]


def _variables(layer: Any) -> list[Any]:
    """Returns a layer's variables in the order of Keras's weight files."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _fill(entry: Backbone, plain: keras.Model, stem: Stem | None, arrays: files.Arrays) -> None:
    """Sets the weights layer by layer, in order; a classifier at the end of the file is ignored.

    Raises:
        InputError: The arrays do not fit the network.
    """
    targets = [layer for layer in plain.layers if layer.weights]
    sources = arrays
    if stem is not None:  # the normalisation of this package is used
        targets = [layer for layer in targets if not isinstance(layer, layers.Normalization)]
        sources = [pair for pair in arrays if not pair[0].startswith("normalization")]
    if len(sources) < len(targets):
        raise InputError(
            f"`weights` of {entry.name} must have {len(targets)} layers. Received: {len(sources)}"
        )
    for layer, (name, values) in zip(targets, sources, strict=False):
        expected = [tuple(variable.shape) for variable in _variables(layer)]
        received = [value.shape for value in values]
        first = stem is not None and layer is stem.layer
        if first:
            expected[0] = (*expected[0][:2], 3, expected[0][3])
        if received != expected:
            raise InputError(
                f"`weights` of {entry.name}: the layer {name} must have the shapes {expected}. "
                f"Received: {received}"
            )
        filled = stem.fill(values) if stem is not None and first else values
        for variable, value in zip(_variables(layer), filled, strict=True):
            variable.assign(value)
