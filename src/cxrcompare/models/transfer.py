"""Copies the weights of one network of this package to another, to fine-tune from it."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.findings import same
from cxrcompare.models.stem import OFFSET_SUFFIX


def made_for_colour(network: keras.Model) -> bool:
    """Returns whether the network began with weights for colour images; see `stem`."""
    return any(layer.name.endswith(OFFSET_SUFFIX) for layer in network.get_layer("backbone").layers)


def copy_backbone(source: keras.Model, backbone: keras.Model) -> None:
    """Copies the backbone of a network.

    Args:
        source: A network of `build`.
        backbone: The backbone to change.

    Raises:
        InputError: The networks differ in architecture or in the normalisation of pixels.
    """
    theirs = source.get_layer("backbone")
    received = [tuple(variable.shape) for variable in theirs.variables]
    expected = [tuple(variable.shape) for variable in backbone.variables]
    if received != expected:
        raise InputError(
            f"`weights`: the network must have the architecture of the new one, {len(expected)} "
            f"arrays in its backbone. Received: {source.name} with {len(received)} arrays"
        )
    for key in ("scale", "offset"):
        before, now = (
            np.asarray(part.get_layer("normalise").get_config()[key]) for part in (theirs, backbone)
        )
        if not np.allclose(before, now):
            raise InputError(
                f"`weights`: the network must normalise pixels as the new one does, with the {key} "
                f"{now.tolist()}. Received: {before.tolist()}; set `normalisation` as in its run"
            )
    _copy(theirs.variables, backbone.variables)


def copy_head(
    source: keras.Model,
    target: keras.Model,
    source_findings: Sequence[str],
    target_findings: Sequence[str],
) -> tuple[str, ...]:
    """Copies the head of a network for each finding that both networks have.

    Nothing is copied if the heads have different layers. Logits of other findings keep their random
    initial weights.

    Args:
        source: A network of `build`.
        target: The network to change.
        source_findings: Findings of the source, in the order of its logits; empty if unknown.
        target_findings: Findings of the target, in the order of its first logits.

    Returns:
        The findings whose weights were copied, in the target's order.

    Raises:
        InputError: The source does not have one logit per finding.
    """
    units = source.get_layer("logits").units
    if source_findings and len(source_findings) != units:
        raise InputError(
            "`weights`: the network must have one logit for each finding of its config.json, "
            f"{len(source_findings)}. Received: {units}"
        )
    columns = {
        column: index
        for column, finding in enumerate(target_findings)
        for index, known in enumerate(source_findings)
        if same(known, finding)
    }
    names = [layer.name for layer in target.layers if layer.weights]
    if not columns or names != [layer.name for layer in source.layers if layer.weights]:
        return ()
    for name in names:
        if name not in ("backbone", "logits"):
            _copy(source.get_layer(name).variables, target.get_layer(name).variables)
    pairs = zip(source.get_layer("logits").weights, target.get_layer("logits").weights, strict=True)
    for theirs, ours in pairs:
        values = keras.ops.convert_to_numpy(ours.value).copy()
        given = keras.ops.convert_to_numpy(theirs.value)
        for column, index in columns.items():
            values[..., column] = given[..., index]
        ours.assign(values)
    return tuple(target_findings[column] for column in columns)


def _copy(source: Sequence[keras.Variable], target: Sequence[keras.Variable]) -> None:
    for ours, theirs in zip(target, source, strict=True):
        ours.assign(theirs)
