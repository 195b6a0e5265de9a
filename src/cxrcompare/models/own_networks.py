"""Networks of other modules: `module:function`, or an entry point. It does not import Keras.

The argument of the function is the input shape (size, size, 1). It returns a network from
normalised grey images to a feature map. `own_backbone` calls it.
"""

from __future__ import annotations

import importlib.util
import re
from typing import TYPE_CHECKING

from cxrcompare.errors import InputError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "cxrcompare.networks"
"""The group of entry points by which other packages register networks: a name and a function."""

_REFERENCE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][\w.-]{0,99}", re.ASCII)


def is_reference(name: str) -> bool:
    """Returns whether a name has the form `module:function`."""
    return ":" in name


def check_reference(reference: str) -> str:
    """Returns the name of the function, which names the network; does not import the module.

    Args:
        reference: `module:function`.

    Raises:
        InputError: The form is wrong, the function's name is not valid for a run folder, or the
            module does not exist.
    """
    if _REFERENCE.fullmatch(reference) is None:
        raise InputError(
            f"a network of another module must be given as module:function. Received: {reference!r}"
        )
    module, _, function = reference.partition(":")
    check_name(function, reference)
    check_module(module, reference)
    return function


def check_name(name: str, reference: str) -> None:
    """Checks that a network's name is valid for run folders and prediction files.

    Args:
        name: The name.
        reference: `module:function`, for the error message.

    Raises:
        InputError: The name is not valid.
    """
    if _NAME.fullmatch(name) is None or "__seed" in name:
        raise InputError(
            f"{reference}: the name of a network must be of letters, digits, underscores, hyphens "
            f"and dots, at most 100, without __seed. Received: {name!r}"
        )


def check_module(module: str, reference: str) -> None:
    """Checks that the top-level package of a module exists; imports nothing.

    Raises:
        InputError: The package does not exist.
    """
    try:
        found = importlib.util.find_spec(module.partition(".")[0]) is not None
    except ValueError:  # imported, but not from a file
        found = True
    if not found:
        raise InputError(
            f"{reference}: the module must be installed, or be in a folder of PYTHONPATH. "
            f"Received: no module {module!r}"
        )


def registered() -> list[EntryPoint]:
    """Returns the networks that other packages register, in the order of their names."""
    from importlib.metadata import entry_points

    return sorted(entry_points(group=GROUP), key=lambda one: one.name)


def check_registered(points: list[EntryPoint]) -> str:
    """Returns the `module:function` of a registered network.

    Args:
        points: The entry points with the name of the network, at least one.

    Raises:
        InputError: The entry points differ, or their value is not `module:function`.
    """
    name = points[0].name
    values = sorted({one.value for one in points})
    if len(values) > 1:
        raise InputError(
            f"the network {name} must be registered by one package. "
            f"Received: {' and '.join(values)}"
        )
    check_name(name, values[0])
    check_reference(values[0])
    return values[0]
