"""Reads untrusted weight files and networks in a child process with limits of time and memory.

The child is `python -P -m cxrcompare.models.weight_files.foreign SOURCE TARGET`. The suffix of
TARGET is the expected content of SOURCE: `.layers` (Keras's `.h5`), `.tensors` (a checkpoint) or
`.keras`. The child writes plain arrays or, for a `.keras` file, a new `.keras` file with the same
content. A file that crashes or hangs HDF5 ends only the child.
"""

from __future__ import annotations

import itertools
import json
import sys
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare import exit_status, isolated
from cxrcompare.errors import InputError, reason
from cxrcompare.models.weight_files.torch_checkpoints import read_checkpoint
from cxrcompare.models.weight_files.weights import Arrays, copy_h5, read_h5

_MODULE = "cxrcompare.models.weight_files.foreign"
_MEMBERS = {"config.json", "metadata.json", "model.weights.h5"}
_LONGEST = 64 << 20
"""Limit of a configuration in bytes; NASNetLarge's has about one million."""


def read_layers(path: Path) -> Arrays:
    """Returns the result of `read_h5`, run in a child process.

    Raises:
        InputError: See `read_h5`; or the file crashes the child or makes it time out.
    """
    by_layer = itertools.groupby(_arrays(path, ".layers"), lambda pair: pair[0])
    return [(layer, [array for _, array in pairs]) for layer, pairs in by_layer]


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Returns the result of `read_checkpoint`, run in a child process.

    Raises:
        InputError: See `read_checkpoint`; or the file crashes the child or makes it time out.
    """
    return dict(_arrays(path, ".tensors"))


def rewritten(path: Path) -> AbstractContextManager[Path]:
    """Yields a new `.keras` file with the content of an untrusted one, until the block ends.

    Raises:
        InputError: The file has another format, crashes the child or makes it time out.
    """
    return isolated.converted(_MODULE, path, ".keras")


def _arrays(path: Path, form: str) -> Iterator[tuple[str, np.ndarray]]:
    with (
        isolated.converted(_MODULE, path, form) as plain,
        np.load(plain, allow_pickle=False) as content,
    ):
        for position, name in enumerate(json.loads(str(content["names"]))):
            yield name, content[str(position)]


def _main() -> None:
    source, target = map(Path, sys.argv[1:])
    isolated.limit_memory()
    isolated.limit_time(isolated.time_limit(source))  # in case the parent is killed
    if target.suffix == ".keras":
        _rewrite_network(source, target)
    elif target.suffix == ".layers":
        named = [(layer, array) for layer, arrays in read_h5(source) for array in arrays]
        _write_arrays(target, named)
    else:
        _write_arrays(target, list(read_checkpoint(source).items()))


def _write_arrays(target: Path, named: list[tuple[str, np.ndarray]]) -> None:
    names = np.array(json.dumps([name for name, _ in named]))
    arrays = {str(position): array for position, (_, array) in enumerate(named)}
    with target.open("wb") as file:  # NumPy would add a suffix to a path
        np.savez(file, allow_pickle=False, names=names, **arrays)


def _rewrite_network(source: Path, target: Path) -> None:
    """Rewrites a `.keras` file: the same configuration, and the weights array by array."""
    form = "a .keras file"
    try:
        with zipfile.ZipFile(source) as archive:
            config = _config(archive, source.stat().st_size)
            metadata = json.loads(archive.read("metadata.json"))
            archive.extract("model.weights.h5", target.parent)
        form = "a whole .keras file"
        weights = target.with_name("plain.h5")
        copy_h5(target.with_name("model.weights.h5"), weights)
    except Exception as error:  # zipfile, zlib and HDF5 can raise any exception
        raise InputError(f"{source}: must be {form}. Received: {reason(error)}") from error
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("metadata.json", json.dumps(metadata))
        archive.writestr("config.json", json.dumps(config))
        archive.write(weights, "model.weights.h5")


def _config(archive: zipfile.ZipFile, size: int) -> Any:
    members = {info.filename: info.file_size for info in archive.infolist()}
    if set(members) != _MEMBERS:
        raise ValueError(f"the members {', '.join(sorted(members)[:5]) or 'none'}")
    if max(members["config.json"], members["metadata.json"]) > _LONGEST:
        raise ValueError("a configuration that is too long")
    if members["model.weights.h5"] > 4 * size + (1 << 20):
        raise ValueError("weights that are many times larger than the file")
    return json.loads(archive.read("config.json"))


if __name__ == "__main__":
    sys.exit(exit_status.run(_main))
