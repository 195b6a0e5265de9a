"""Tests of the network of a run: which layers learn, and how it is divided and saved."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.training.running import run_network
from cxrcompare.training.steps.step import to_numpy

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


def test_only_the_last_layers_are_trained(config, tiny_network):
    chosen = config(weights="imagenet", trained_layers=3, batch_norm="trained")
    model = tiny_network("mobilenet", 3, 32, "imagenet")
    run_network.unfreeze(model, chosen.settings(True), pretrained=True)
    names = {variable.path.split("/")[0] for variable in model.trainable_variables}
    assert names == {"conv2", "bn2", "logits"}
    run_network.unfreeze(model, chosen.settings(True), pretrained=False)
    assert len(model.trainable_variables) == 8


def test_the_backbone_is_trained_after_the_frozen_phase(config, tiny_network):
    chosen = config(weights="imagenet", batch_norm="trained")
    model = tiny_network("mobilenet", 3, 32, "imagenet")
    run_network.freeze_backbone(model, chosen.settings(True))
    assert len(model.trainable_variables) == 2
    run_network.unfreeze(model, chosen.settings(True), pretrained=True)
    assert len(model.trainable_variables) == 8


def test_the_head_uses_the_configured_momentum(config, tiny_network):
    chosen = config(weights="imagenet", recipe="original", norm_momentum=0.7, frozen_epochs=1)
    model = tiny_network("mobilenet", 3, 32, "imagenet", "original")
    run_network.freeze_backbone(model, chosen.settings(True))
    momenta = {layer.momentum for layer in model.layers if hasattr(layer, "momentum")}
    assert momenta == {0.7}


PIXELS = np.random.default_rng(0).integers(0, 256, (3, 32, 32, 1)).astype(np.float32)


def test_the_two_halves_give_what_the_whole_gives(tiny_network):
    model = tiny_network("mobilenet", 3, 32, "imagenet")
    body, head = run_network.split(model)
    features = body(PIXELS, training=False)
    assert features.shape == (3, 16)
    whole = to_numpy(model(PIXELS, training=False))
    np.testing.assert_allclose(to_numpy(head(features, training=False)), whole, atol=1e-6)
    # they share their layers
    head.get_layer("logits").bias.assign(np.full(3, 5.0))
    changed = to_numpy(model(PIXELS, training=False))
    np.testing.assert_allclose(changed, whole + 5.0, atol=1e-5)


def test_parameters_by_hand(tiny_network, config):
    # convolutions 3 * 3 * 1 * 8 = 72 and 3 * 3 * 8 * 16 = 1152; batch normalisation 4 * (8 + 16) =
    # 96, half of it learnt; logits 16 * 3 + 3 = 51
    model = tiny_network("mobilenet", 3, 32)
    assert run_network.parameters(model) == (72 + 1152 + 96 + 51, 72 + 1152 + 48 + 51)
    run_network.freeze_backbone(model, config().settings(True))
    assert run_network.parameters(model) == (1371, 51)


@pytest.mark.parametrize("batch_norm", ["frozen", "trained"])
def test_batch_normalisation_learns_only_where_asked(tiny_network, config, batch_norm):
    model = tiny_network("mobilenet", 3, 32, "imagenet")
    settings = config(batch_norm=batch_norm).settings(True)
    run_network.unfreeze(model, settings, pretrained=True)
    names = {variable.path.split("/")[0] for variable in model.trainable_variables}
    assert ("bn1" in names) == (batch_norm == "trained")
    assert {"conv1", "conv2", "logits"} <= names


def test_a_network_is_saved_whole_or_not_at_all(tiny_network, tmp_path, monkeypatch):
    import keras

    model = tiny_network("mobilenet", 3, 32, "imagenet")
    path = tmp_path / "model.keras"
    run_network.save(model, path)
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]
    again = keras.saving.load_model(path, compile=False, safe_mode=True)
    expected = to_numpy(model(PIXELS, training=False))
    np.testing.assert_allclose(to_numpy(again(PIXELS, training=False)), expected, atol=1e-6)
    before = path.read_bytes()

    def fails(partial: object) -> None:
        with open(partial, "wb") as file:  # noqa: PTH123
            file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model, "save", fails)
    with pytest.raises(OSError, match="No space"):
        run_network.save(model, path)
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["model.keras"]
