"""Checks that the input files of a command exist, before packages are loaded that take seconds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cxrcompare.errors import InputError
from cxrcompare.options.command_tables import placed

_FILES = ("FILE", "FILE.toml", "EXPERIMENT.toml", "BUNDLE", "PREDICTIONS")
_FOLDERS = ("DIR", "RESULT")
_OUTPUT = "out"


def check_inputs_exist(command: str, values: Mapping[str, Any]) -> None:
    """Checks that the files and folders of results that were named exist.

    Args:
        command: The name of the command.
        values: The value of each option by the name of the argument.

    Raises:
        InputError: One does not exist; the message names the first.
    """
    for one in placed(command):
        kind = one.option.option.shown
        if one.dest == _OUTPUT or kind not in (*_FILES, *_FOLDERS):
            continue
        if one.option.type not in (Path, tuple[Path, ...]):
            continue
        value = values.get(one.dest)
        for path in value if isinstance(value, list | tuple) else [value]:
            if path is not None and not os.path.lexists(path):
                word = "folder" if kind in _FOLDERS else "file"
                raise InputError(f"{path}: must be a {word}. Received: no such {word}")
