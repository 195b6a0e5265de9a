"""Findings: names, order, aliases and hierarchy for each data set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cxrcompare.errors import InputError

CHEXPERT: tuple[str, ...] = (
    "No Finding",
    "Enlarged Cardiomediastinum",
    "Cardiomegaly",
    "Lung Opacity",
    "Lung Lesion",
    "Edema",
    "Consolidation",
    "Pneumonia",
    "Atelectasis",
    "Pneumothorax",
    "Pleural Effusion",
    "Pleural Other",
    "Fracture",
    "Support Devices",
)
"""The 14 of CheXpert, in the order of its label file (Irvin et al. 2019, arXiv 1901.07031)."""

COMPETITION: tuple[str, ...] = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Pleural Effusion",
)
"""The five findings of the CheXpert competition."""

NIH: tuple[str, ...] = (
    "Atelectasis",
    "Cardiomegaly",
    "Pleural Effusion",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pneumonia",
    "Pneumothorax",
    "Consolidation",
    "Edema",
    "Emphysema",
    "Fibrosis",
    "Pleural Thickening",
    "Hernia",
)
"""The 14 of NIH ChestX-ray14 (Wang et al. 2017, arXiv 1705.02315); Effusion is Pleural Effusion."""

PARENTS: dict[str, str] = {
    "Cardiomegaly": "Enlarged Cardiomediastinum",
    "Lung Lesion": "Lung Opacity",
    "Edema": "Lung Opacity",
    "Consolidation": "Lung Opacity",
    "Pneumonia": "Consolidation",
    "Atelectasis": "Lung Opacity",
}
"""CheXpert's hierarchy: a child implies its parent (Irvin et al. 2019, figure 1)."""

KNOWN: tuple[str, ...] = CHEXPERT + tuple(name for name in NIH if name not in CHEXPERT)
"""Every finding of the vocabulary."""

_ALIASES: dict[str, str] = {
    "effusion": "Pleural Effusion",
    "airspace opacity": "Lung Opacity",
    "opacity": "Lung Opacity",
    "enlarged cardiomediastinal silhouette": "Enlarged Cardiomediastinum",
    "enlarged cardiom": "Enlarged Cardiomediastinum",
    "enlarged cardiom.": "Enlarged Cardiomediastinum",
    "oedema": "Edema",
    "pulmonary edema": "Edema",
    "pulmonary oedema": "Edema",
    "pleural thicken": "Pleural Thickening",
    "support device": "Support Devices",
    "normal": "No Finding",
    "no findings": "No Finding",
    "hiatal hernia": "Hernia",
}


def _key(name: str) -> str:
    """Returns a name without case, underscores, hyphens and repeated spaces."""
    return re.sub(r"[\s_\-]+", " ", name).strip().lower()


_BY_KEY: dict[str, str] = {_key(name): name for name in KNOWN} | _ALIASES


def canonical(name: str) -> str | None:
    """Returns the finding's canonical name, or None if it is not in the vocabulary.

    Args:
        name: A column's header in any case, with spaces, underscores or hyphens, or an alias.
    """
    return _BY_KEY.get(_key(name))


def same(first: str, second: str) -> bool:
    """Returns whether two headers name the same finding, in the vocabulary or not."""
    return (canonical(first) or _key(first)) == (canonical(second) or _key(second))


def select(choice: str | Iterable[str], available: Sequence[str]) -> tuple[str, ...]:
    """Returns the chosen findings, in the order of `available`.

    Args:
        choice: "all"; "competition" for the five of the CheXpert competition; or names, in a
            sequence or separated by commas.
        available: The available findings, with canonical names if they have one.

    Raises:
        InputError: A chosen finding is not available, or none is.
    """
    if choice == "all":
        return tuple(available)
    names = COMPETITION if choice == "competition" else choice
    if isinstance(names, str):
        names = [name for name in names.split(",") if name.strip()]
    wanted = [name.strip() for name in names]
    missing = [name for name in wanted if not any(same(name, other) for other in available)]
    if missing or not wanted:
        raise InputError(
            f"`findings` must be all, competition or names among {', '.join(available)}. "
            f"Received: {', '.join(missing) or 'nothing'}"
        )
    return tuple(name for name in available if any(same(name, other) for other in wanted))
