"""Optional packages: the extra that installs each, and errors if they are missing."""

from __future__ import annotations

import importlib.util
import os
import sys
import traceback
from pathlib import Path

from cxrcompare.errors import InputError

FRAMEWORKS: tuple[str, ...] = ("tensorflow", "jax", "torch")
"""Frameworks for Keras, in order of preference; each is the name of an extra and a module."""

MODULES: dict[str, tuple[str, ...]] = {
    "fast": ("numba",),
    "images": ("PIL", "cv2", "pydicom", "simplejpeg", "xxhash"),
    "training": ("h5py", "keras"),
    "parquet": ("pyarrow",),
    "plots": ("matplotlib",),
    "excel": ("xlsxwriter",),
    "tensorboard": ("tensorboard",),
    "card": ("huggingface_hub",),
} | {framework: (framework,) for framework in FRAMEWORKS}
"""The modules of each extra, without those of the extras that it includes."""


class MissingError(InputError):
    """Required optional packages are not installed; the message has the install command."""


def need(what: str, *extras: str) -> None:
    """Checks that the modules of some extras are installed.

    Args:
        what: The command or function that needs them, e.g. "`cxrcompare sample`".
        extras: Names of extras; the last includes the others.

    Raises:
        MissingError: A module is not installed.
    """
    absent = _absent(*extras)
    if absent:
        raise MissingError(_line(what, absent, extras[-1]))


def need_training(what: str) -> None:
    """Checks that Keras and a framework are installed.

    Args:
        what: The command or function that needs them.

    Raises:
        InputError: A package is not installed, or `KERAS_BACKEND` is not the name of a
            framework.
    """
    absent = _absent("fast", "images", "training")
    if absent and not any(map(_installed, FRAMEWORKS)):
        raise MissingError(_line(what, [*absent, _one_of()], *FRAMEWORKS))
    need(what, "fast", "images", "training")
    framework(what)


def framework(what: str = "training") -> str:
    """Returns the framework of Keras: `KERAS_BACKEND`, or the first installed of `FRAMEWORKS`.

    Raises:
        InputError: `KERAS_BACKEND` is not in `FRAMEWORKS`, or no framework is installed.
    """
    chosen = os.environ.get("KERAS_BACKEND", "")
    if chosen and chosen not in FRAMEWORKS:
        raise InputError(f"KERAS_BACKEND must be {_one_of()}. Received: {chosen}")
    if chosen:
        need(f"KERAS_BACKEND={chosen}", chosen)
        return chosen
    found = next(filter(_installed, FRAMEWORKS), None)
    if found is None:
        raise MissingError(_line(what, [_one_of()], *FRAMEWORKS))
    return found


def explained(error: ImportError) -> InputError | None:
    """Returns the error with the install command; None if this program itself is at fault.

    A package may be absent, or installed but broken: of another version than those that use it, or
    without the packages that it needs.
    """
    module = (error.name or "").split(".")[0]
    if module in ("", "cxrcompare") or module in sys.stdlib_module_names:
        return None
    if isinstance(error, ModuleNotFoundError):
        for extra, modules in MODULES.items():
            if module in modules:
                return MissingError(_line("this", [module], extra))
    return InputError(
        f"the package {module} cannot be imported ({error}): install it and the packages that use "
        f"it again with `pip install --force-reinstall`"
    )


def broken(error: Exception) -> MissingError | None:
    """Returns an error if an optional package raised any other error at its import; else None.

    Args:
        error: An error that was raised and caught. Its traceback shows whether a module of the
            package was being imported.
    """
    names = list(Path(error.filename or "").parts) if isinstance(error, SyntaxError) else []
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_name == "<module>":
            names.append(str(frame.f_globals.get("__name__")))
    roots = [name.split(".")[0] for name in names]
    for extra, modules in MODULES.items():
        for module in modules:
            if module in roots:
                why = f"{type(error).__name__}: {' '.join(str(error).split())}"
                return MissingError(
                    f"{module} is installed but cannot be imported ({why:.200}): "
                    f"{install(extra)} --force-reinstall"
                )
    return None


def install(*extras: str) -> str:
    """Returns the command that installs one of the given extras."""
    *most, last = (f"'cxrcompare[{extra}]'" for extra in extras)
    return f"pip install {', '.join(most)} or {last}" if most else f"pip install {last}"


def _line(what: str, absent: list[str], *extras: str) -> str:
    return f"{what} needs packages that are not installed ({', '.join(absent)}): {install(*extras)}"


def _one_of() -> str:
    return f"{', '.join(FRAMEWORKS[:-1])} or {FRAMEWORKS[-1]}"


def _absent(*extras: str) -> list[str]:
    return [one for extra in extras for one in MODULES[extra] if not _installed(one)]


def _installed(module: str) -> bool:
    """Returns whether a module is installed; an empty folder of its name does not count."""
    spec = importlib.util.find_spec(module)
    return spec is not None and spec.origin is not None
