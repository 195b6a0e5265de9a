"""Opens untrusted `.keras` files without running any code of theirs."""

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
from cxrcompare.models.weight_files.foreign import rewritten

_FORBIDDEN = {
    "Lambda",
    "__lambda__",
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
    """Loads the network of a `.keras` file in Keras's safe mode.

    A child process reads and rewrites the file, and Keras opens the new file. Only files like
    those of `build`'s networks are accepted: three members, Keras's own layers and operations, raw
    grey pixels as input, one row of logits per image as output.

    Args:
        path: The file.

    Raises:
        InputError: The file does not exist, is not such an archive, is truncated, or has a
            network of another form or one that would run code or read other files.
    """
    path = Path(path)
    with rewritten(path) as plain:
        return _load(plain, path)


def _load(plain: Path, path: Path) -> keras.Model:
    """Loads the network of a file that `rewritten` made from the one at `path`."""
    with zipfile.ZipFile(plain) as archive:
        config = json.loads(archive.read("config.json"))
    foreign = foreign_part(config)
    if foreign is not None:
        raise InputError(
            f"{path}: a network must have Keras's own layers only. Received: {foreign}"
        )
    try:
        with isolated.bounded():  # a configuration can declare layers of any size
            model = keras.saving.load_model(plain, compile=False, safe_mode=True)
    except Exception as error:  # Keras can raise any exception for a damaged file
        raise InputError(
            f"{path}: must be a whole .keras file. Received: {reason(error)}"
        ) from error
    _check_form(model, path)
    return model


def foreign_part(config: Any) -> str | None:
    """Returns the first class or function of a network that is refused, or None.

    Args:
        config: The network's configuration, as Keras writes it to `config.json`.
    """
    for part in _parts(config):
        module, name = part.get("module"), part.get("class_name")
        foreign = isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins")
        if foreign or part.get("registered_name") not in (None, name) or name in _FORBIDDEN:
            return f"{module}.{name}"
    return None


def _parts(config: Any) -> Iterator[dict[str, Any]]:
    """Yields every part of a configuration that names a class or function."""
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
