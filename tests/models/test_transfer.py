"""Tests of copying weights from one network to another."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from keras import layers  # noqa: E402

from cxrcompare.errors import InputError  # noqa: E402
from cxrcompare.models.stem import OFFSET_SUFFIX  # noqa: E402
from cxrcompare.models.transfer import copy_backbone, copy_head, made_for_colour  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def network(
    findings: int,
    seed: int,
    channels: int = 4,
    scale: float = 1 / 255,
    head: str = "linear",
    convolution: str = "first",
) -> Any:
    """Returns a tiny network with the layers of `models.build` and random weights."""
    inside = keras.Input((8, 8, 1))
    x = layers.Rescaling(scale, name="normalise")(inside)
    x = layers.Conv2D(channels, 3, name=convolution)(x)
    backbone = keras.Model(inside, layers.BatchNormalization(name="norm")(x), name="backbone")
    pixels = keras.Input((8, 8, 1))
    x = layers.GlobalAveragePooling2D(name="pool")(backbone(pixels))
    if head == "original":
        x = layers.Dense(5, name="head_dense")(x)
    model = keras.Model(pixels, layers.Dense(findings, name="logits")(x), name=f"net{seed}")
    rng = np.random.default_rng(seed)
    for variable in model.variables:
        variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    return model


def values(part: Any) -> list[np.ndarray]:
    return [np.asarray(keras.ops.convert_to_numpy(variable.value)) for variable in part.variables]


def test_a_backbone_is_copied_with_its_statistics_and_the_head_is_not() -> None:
    source, target = network(2, 0), network(3, 1)
    head = values(target.get_layer("logits"))
    copy_backbone(source, target.get_layer("backbone"))
    pairs = zip(
        values(source.get_layer("backbone")), values(target.get_layer("backbone")), strict=True
    )
    assert all(np.array_equal(one, other) for one, other in pairs)
    for before, after in zip(head, values(target.get_layer("logits")), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"channels": 5}, "must have the architecture of the new one, 6 arrays in its backbone"),
        ({"scale": 1 / 127.5}, r"with the scale 0\.0039.*Received: 0\.0078.*set `normalisation`"),
    ],
)
def test_another_backbone_is_refused_and_nothing_is_copied(
    changes: dict[str, Any], message: str
) -> None:
    source, target = network(2, 0, **changes), network(2, 1)
    before = values(target)
    with pytest.raises(InputError, match=message) as caught:
        copy_backbone(source, target.get_layer("backbone"))
    assert "\n" not in str(caught.value)
    assert all(np.array_equal(a, b) for a, b in zip(before, values(target), strict=True))


def test_logits_are_copied_by_the_name_of_their_finding() -> None:
    source, target = network(3, 0), network(4, 1)
    before = values(target.get_layer("logits"))
    kept = copy_head(
        source,
        target,
        ("Fracture", "Effusion", "Gout"),
        ("Pleural Effusion", "Edema", "gout", "Fracture"),
    )
    assert kept == ("Pleural Effusion", "gout", "Fracture")
    given, found = values(source.get_layer("logits")), values(target.get_layer("logits"))
    for old, new, plain in zip(given, found, before, strict=True):
        for column, index in ((0, 1), (2, 2), (3, 0)):
            np.testing.assert_array_equal(new[..., column], old[..., index])
        np.testing.assert_array_equal(new[..., 1], plain[..., 1])  # Edema starts anew


def test_the_layers_between_are_copied_where_any_finding_is_kept() -> None:
    source, target = network(1, 0, head="original"), network(1, 1, head="original")
    assert copy_head(source, target, ("Edema",), ("Fracture",)) == ()
    assert not np.array_equal(*(values(net.get_layer("head_dense"))[0] for net in (source, target)))
    assert copy_head(source, target, ("Edema",), ("Edema",)) == ("Edema",)
    for layer in ("head_dense", "logits"):
        pairs = zip(values(source.get_layer(layer)), values(target.get_layer(layer)), strict=True)
        assert all(np.array_equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("known", [(), ("Edema",)])
def test_another_head_or_unknown_findings_leave_the_head_as_it_is(known: tuple[str, ...]) -> None:
    source = network(1, 0)
    target = network(1, 1, head="original" if known else "linear")
    before = values(target)
    assert copy_head(source, target, known, ("Edema",)) == ()
    assert all(np.array_equal(a, b) for a, b in zip(before, values(target), strict=True))


def test_a_network_whose_logits_are_not_its_findings_is_refused() -> None:
    message = "one logit for each finding of its config.json, 2. Received: 3"
    with pytest.raises(InputError, match=message):
        copy_head(network(3, 0), network(1, 1), ("Edema", "Fracture"), ("Edema",))


def test_a_network_that_began_with_colour_has_the_layer_of_the_offsets() -> None:
    assert made_for_colour(network(1, 0, convolution=f"first{OFFSET_SUFFIX}"))
    assert not made_for_colour(network(1, 0))
