"""Views: the view of each projection name in the data sets."""

from __future__ import annotations

_NAMES: dict[str, tuple[str, ...]] = {
    "frontal AP": ("AP", "AP_HORIZONTAL", "AP SUPINE", "FRONTAL AP"),
    "frontal PA": ("PA", "FRONTAL PA"),
    "frontal": (
        "FRONTAL",
        "AP AXIAL",
        "AP LLD",
        "AP RLD",
        "PA LLD",
        "PA RLD",
        "LLD",
        "RLD",
        "LT-DECUB",
    ),
    "lateral": ("LATERAL", "L", "LL", "RL", "LLAT", "XTABLE LATERAL"),
}
_BY_NAME: dict[str, str] = {name: view for view, names in _NAMES.items() for name in names}


def view(text: str) -> str:
    """Returns the view of a projection name; blank if the name is not listed.

    An image taken with the patient lying on the side (decubitus) is frontal. Oblique and rib
    projections are not listed.
    """
    return _BY_NAME.get(text.strip().upper(), "")
