"""Views: what the projections that data sets name are called here."""

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
    """Returns the view that a projection's name stands for, blank where it is none of them.

    An image taken with the patient on the side (decubitus) is frontal; obliques, rib projections
    and names that are not listed are blank.
    """
    return _BY_NAME.get(text.strip().upper(), "")
