"""Opens `.keras` files that others may have made: nothing in them runs, whatever they hold."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras

from cxrcompare import isolated
from cxrcompare.errors import InputError, reason
from cxrcompare.models.foreign import rewritten

_FORBIDDEN = {
    "Lambda",
    "TorchModuleWrapper",
    "TFSMLayer",
    "JaxLayer",
    "FlaxLayer",  # run code of the file
    "StringLookup",
    "IntegerLookup",
    "TextVectorization",
    "IndexLookup",  # read other files
}


def load(path: str | os.PathLike[str]) -> keras.Model:
    """Returns the network that a `.keras` file holds, opened in Keras's safe mode.

    A child process reads the file and writes it anew, and Keras opens the new one. Only files that
    `build`'s networks make are taken: three members, Keras's own layers and operations, raw grey
    pixels in, one row of logits out.

    Args:
        path: The file.

    Raises:
        InputError: The file is not there, is no such archive, is cut short, or holds a network
            of another form or one that would run code or read other files.
    """
    path = Path(path)
    with rewritten(path) as plain:
        return _load(plain, path)


def _load(plain: Path, path: Path) -> keras.Model:
    """Returns the network of a file that `rewritten` made of the one at `path`."""
    with zipfile.ZipFile(plain) as archive:
        config = json.loads(archive.read("config.json"))
    for part in _parts(config):
        module, name = part.get("module"), part.get("class_name")
        foreign = isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins")
        if foreign or part.get("registered_name") not in (None, name) or name in _FORBIDDEN:
            raise InputError(
                f"{path}: a network must have Keras's own layers only. Received: {module}.{name}"
            )
    try:
        with isolated.bounded():  # a configuration can state layers of any size
            model = keras.saving.load_model(plain, compile=False, safe_mode=True)
    except Exception as error:  # a spoilt file makes Keras raise anything
        raise InputError(
            f"{path}: must be a whole .keras file. Received: {reason(error)}"
        ) from error
    _check_form(model, path)
    return model


def _parts(config: Any) -> Iterator[dict[str, Any]]:
    """Yields everything in a configuration that names a class or function."""
    if isinstance(config, dict):
        if "class_name" in config or "module" in config:
            yield config
        config = list(config.values())
    if isinstance(config, list):
        for part in config:
            yield from _parts(part)


def _check_form(model: Any, path: Path) -> None:
    form = "(images, size, size, 1) to (images, findings)"
    shapes = (getattr(model, "input_shape", None), getattr(model, "output_shape", None))
    into, out = shapes
    right = (
        isinstance(into, tuple)
        and isinstance(out, tuple)
        and len(into) == 4
        and len(out) == 2
        and into[3] == 1
        and into[1] is not None
        and into[1] == into[2]
        and out[1] is not None
    )
    if not right:
        raise InputError(f"{path}: a network must map {form}. Received: {into} to {out}")
    if model.layers[-1].name != "logits":
        raise InputError(
            f"{path}: a network's last layer must be `logits`. Received: {model.layers[-1].name}"
        )
