"""Networks by name: raw grey pixels in, one logit per finding out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cxrcompare.models.backbones import describe, names

if TYPE_CHECKING:
    from cxrcompare.models.loading import load
    from cxrcompare.models.network import build
    from cxrcompare.models.weights import find_weights

__all__ = ["build", "describe", "find_weights", "load", "names"]


def __getattr__(name: str) -> Any:
    """Imports what needs Keras or h5py on first use, so that names are available quickly."""
    if name == "build":
        from cxrcompare.models.network import build

        return build
    if name == "find_weights":
        from cxrcompare.models.weights import find_weights

        return find_weights
    if name == "load":
        from cxrcompare.models.loading import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
