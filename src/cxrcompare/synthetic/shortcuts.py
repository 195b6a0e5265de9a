"""Planted spurious correlations: a marker or a drain that correlates with a finding in training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.findings import CHEXPERT
from cxrcompare.options.declaration import check
from cxrcompare.synthetic.study import Study, pneumothorax_side

SHORTCUTS: dict[str, str] = {
    "drain": "a chest drain is on the images with a pneumothorax: on all in train and valid, or on "
    "the share `strength` of them; in test on half of them, unless the correlation is kept",
    "marker": "the marker of site A is on the share `strength`, by default 0.9, of the images with "
    "a finding in train and valid, and on 1 - `strength` of the others; in test on half of all "
    "images, unless the correlation is kept. The finding is Pleural Effusion, or another one: "
    "marker:Lung Lesion",
}
"""The available spurious correlations, and their descriptions."""

_FINDINGS = CHEXPERT[1:]


@dataclass(frozen=True)
class Shortcuts:
    """The spurious correlations of a sample.

    Attributes:
        drain: Whether a drain is drawn with a pneumothorax.
        marker: The finding that the marker correlates with, or empty.
        strength: Share of the images with the finding that have the marker or drain, in [0.5, 1];
            None for 0.9 of the marker and 1 of the drain.
        kept: Whether the correlation holds in the test images, too.
    """

    drain: bool = False
    marker: str = ""
    strength: float | None = None
    kept: bool = False

    def plant(self, study: Study, split: str) -> Study:
        """Returns the study with the drain or marker.

        Args:
            study: The study.
            split: train, valid or test.
        """
        rng = np.random.default_rng([*study.seed, 99])
        treated, sign = rng.random(2)
        broken = split == "test" and not self.kept
        found = [name for name, value in zip(CHEXPERT, study.truth, strict=True) if value]
        if self.drain and "Pneumothorax" in found:
            share = 0.5 if broken else 1.0 if self.strength is None else self.strength
            if treated < share:
                study = replace(study, drain=pneumothorax_side(study))
        if self.marker:
            strength = 0.9 if self.strength is None else self.strength
            share = 0.5 if broken else strength if self.marker in found else 1 - strength
            study = replace(study, site="A" if sign < share else "")
        return study


def parse(
    shortcuts: Sequence[str], strength: float | None = None, in_test: str = "broken"
) -> Shortcuts:
    """Returns the spurious correlations from their names.

    Args:
        shortcuts: "drain", "marker" or "marker:FINDING".
        strength: Share of the images with the finding that have the marker or drain.
        in_test: Whether the correlation is "broken" or "kept" in the test images.

    Raises:
        InputError: A name or finding is not known, or a value is out of range.
    """
    from cxrcompare.options.image_commands import Sample

    check(Sample, shortcut_strength=strength, shortcuts_in_test=in_test)
    names = [name.partition(":") for name in shortcuts]
    strange = [
        f"{name}{colon}{finding}"
        for name, colon, finding in names
        if name not in SHORTCUTS
        or (colon and (name != "marker" or finding.strip() not in _FINDINGS))
    ]
    if strange:
        raise InputError(
            f"`shortcuts` must be one of {', '.join(SHORTCUTS)} or marker:FINDING with one of "
            f"{', '.join(_FINDINGS)}. Received: {', '.join(strange)}"
        )
    markers = [
        finding.strip() or "Pleural Effusion" for name, _, finding in names if name == "marker"
    ]
    if len(markers) > 1:
        raise InputError(f"`shortcuts` must name the marker once. Received: {', '.join(shortcuts)}")
    return Shortcuts(
        any(name == "drain" for name, _, _ in names),
        markers[0] if markers else "",
        strength,
        in_test == "kept",
    )
