"""Optional packages: which extra installs them, and one line where they are missing."""

from __future__ import annotations

import importlib.util
import os

from cxrcompare.errors import InputError

FRAMEWORKS: tuple[str, ...] = ("tensorflow", "jax", "torch")
"""What Keras runs on, in the order of preference; each is an extra and a module of its name."""

MODULES: dict[str, tuple[str, ...]] = {
    "images": ("PIL", "cv2", "pydicom", "simplejpeg", "xxhash"),
    "training": ("h5py", "keras"),
    "parquet": ("pyarrow",),
    "tensorboard": ("tensorboard",),
} | {framework: (framework,) for framework in FRAMEWORKS}
"""The modules of each extra, beside those of the extras that it includes."""


class MissingError(InputError):
    """Optional packages are needed and not installed; the message says how to install them."""


def need(what: str, *extras: str) -> None:
    """Checks that what needs extras finds all of their modules.

    Args:
        what: What needs them, e.g. "`cxrcompare sample`".
        extras: Names of extras; the last includes the others.

    Raises:
        MissingError: A module is not installed.
    """
    absent = _absent(*extras)
    if absent:
        raise MissingError(_line(what, absent, extras[-1]))


def need_training(what: str) -> None:
    """Checks that what trains or runs networks finds Keras and a framework.

    Raises:
        InputError: A package is not installed, or `KERAS_BACKEND` names no framework.
    """
    absent = _absent("images", "training")
    if absent and not any(map(_installed, FRAMEWORKS)):
        raise MissingError(_line(what, [*absent, _one_of()], *FRAMEWORKS))
    need(what, "images", "training")
    framework(what)


def framework(what: str = "training") -> str:
    """Returns what Keras runs on: `KERAS_BACKEND`, or the first installed of `FRAMEWORKS`.

    Raises:
        InputError: `KERAS_BACKEND` names another one, or the framework is not installed.
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


def explained(error: ModuleNotFoundError) -> MissingError | None:
    """Returns an import's failure as what to install; None where no extra has the module."""
    module = (error.name or "").split(".")[0]
    for extra, modules in MODULES.items():
        if module in modules:
            return MissingError(_line("this", [module], extra))
    return None


def install(*extras: str) -> str:
    """Returns the command that installs one of some extras."""
    *most, last = (f"'cxrcompare[{extra}]'" for extra in extras)
    return f"pip install {', '.join(most)} or {last}" if most else f"pip install {last}"


def _line(what: str, absent: list[str], *extras: str) -> str:
    return f"{what} needs packages that are not installed ({', '.join(absent)}): {install(*extras)}"


def _one_of() -> str:
    return f"{', '.join(FRAMEWORKS[:-1])} or {FRAMEWORKS[-1]}"


def _absent(*extras: str) -> list[str]:
    return [one for extra in extras for one in MODULES[extra] if not _installed(one)]


def _installed(module: str) -> bool:
    """Returns whether a module can be imported; an uninstalled one may leave its folder behind."""
    spec = importlib.util.find_spec(module)
    return spec is not None and spec.origin is not None
