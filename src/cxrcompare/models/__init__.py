"""Networks by name: raw grey pixels in, one logit per finding out."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from cxrcompare.models.backbones import describe, is_own, names, short_name

if TYPE_CHECKING:
    from cxrcompare.models.class_maps import with_maps
    from cxrcompare.models.network import build
    from cxrcompare.models.starting import StartingWeights, starting_weights
    from cxrcompare.models.transfer import copy_head
    from cxrcompare.models.weight_files.loading import load
    from cxrcompare.models.weight_files.weights import find_weights

_LAZY = {
    "StartingWeights": "starting",
    "build": "network",
    "copy_head": "transfer",
    "find_weights": "weight_files.weights",
    "load": "weight_files.loading",
    "starting_weights": "starting",
    "with_maps": "class_maps",
}

__all__ = [
    "StartingWeights",
    "build",
    "copy_head",
    "describe",
    "find_weights",
    "is_own",
    "load",
    "names",
    "short_name",
    "starting_weights",
    "with_maps",
]


def __getattr__(name: str) -> Any:
    """Imports functions that need Keras or h5py on first use, so that `names` is fast."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
