"""MapSet: the maps of one trained network, baseline or reader for the same images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cxrcompare.comparison.row_types.localisation_rows import Kind
from cxrcompare.errors import InputError


@dataclass(frozen=True)
class MapSet:
    """Maps of findings in images; a higher value means more evidence of the finding.

    Attributes:
        model: The network, baseline or reader; several sets of one model are its seeds.
        seed: The seed, or empty.
        kind: network (its class maps, or those of the chosen method), occlusion (of a network, in
            some of the images), random weights, baseline or reader.
        ids: The ids of the N images.
        findings: The F findings.
        read: Returns the map of an image and a finding by their indices, (h, w) float32.
        logits: (N, F), or None.
    """

    model: str
    seed: str
    kind: Kind
    ids: tuple[str, ...]
    findings: tuple[str, ...]
    read: Callable[[int, int], np.ndarray]
    logits: np.ndarray | None = None

    @property
    def name(self) -> str:
        """The model and its seed."""
        return f"{self.model}, seed {self.seed}" if self.seed else self.model

    def of_findings(self, findings: Sequence[str]) -> MapSet:
        """Returns the maps of some findings, which are not copied.

        Args:
            findings: Names of `self.findings`.
        """
        at = [self.findings.index(name) for name in findings]
        logits = None if self.logits is None else self.logits[:, at]
        return replace(
            self, findings=tuple(findings), read=lambda n, f: self.read(n, at[f]), logits=logits
        )


def from_arrays(
    model: str,
    seed: str,
    ids: Sequence[str],
    findings: Sequence[str],
    values: np.ndarray,
    logits: np.ndarray | None = None,
    kind: Kind = "network",
) -> MapSet:
    """Returns the maps of a network from arrays.

    Args:
        model: The network.
        seed: The seed, or empty.
        ids: N ids of images.
        findings: F findings.
        values: (N, F, h, w), finite.
        logits: (N, F), or None.
        kind: The kind of the maps.

    Raises:
        InputError: The shapes do not match, or a value is not finite.
    """
    if values.ndim != 4 or values.shape[:2] != (len(ids), len(findings)) or not values.size:
        raise InputError(
            f"{model}: maps must be (images, findings, h, w) for {len(ids)} images and "
            f"{len(findings)} findings. Received: {values.shape}"
        )
    if logits is not None and logits.shape != values.shape[:2]:
        raise InputError(f"{model}: logits must be {values.shape[:2]}. Received: {logits.shape}")
    if not all(np.isfinite(part).all() for part in values):
        raise InputError(f"{model}: maps must be finite. Received: NaN or infinity")
    small = np.ascontiguousarray(values, dtype=np.float32)
    return MapSet(model, seed, kind, tuple(ids), tuple(findings), lambda n, f: small[n, f], logits)


def check_same_images(sets: Sequence[MapSet]) -> None:
    """Checks that all maps are of the same images and findings, in the same order.

    Raises:
        InputError: They are not.
    """
    for one in sets[1:]:
        if one.ids != sets[0].ids or one.findings != sets[0].findings:
            raise InputError(
                "maps must be of the same images and findings. Received: others for "
                f"{one.name} than for {sets[0].name}"
            )
