"""Tests of the recipes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cxrcompare.training.recipes import modern, original, recipe
from cxrcompare.training.run_config import RECIPES, RunConfig, Settings

STORE = Path("store")


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("pretrained", [True, False])
@pytest.mark.parametrize("model", ["mobilenet", "resnet34"])
def test_a_recipe_gives_every_setting_and_nothing_else(name, pretrained, model):
    assert set(recipe(name, model, pretrained)) == set(Settings.model_fields)
    RunConfig(model=model, store=STORE, recipe=name).settings(pretrained)


def test_the_original_recipe_is_the_studys():
    settings = RunConfig(model="densenet121", store=STORE, recipe="original").settings(True)
    assert settings.batch_size == 32
    assert settings.epochs == 50
    assert (settings.learning_rate, settings.rate_factor, settings.step_epochs) == (
        1e-3,
        0.1,
        (10, 30),
    )
    assert settings.clip_value == 0.5
    assert (settings.head, settings.dropout, settings.loss) == ("original", 0.5, "bce")
    assert (settings.monitor, settings.patience) == ("valid_loss", 5)
    assert settings.augmentation.model_dump() == {
        "rotation": 30,
        "shift": 0.2,
        "shear": 0.2,
        "zoom": 0.2,
        "zoom_axes": "independent",
        "brightness": 0.2,
        "contrast": 0,
        "flip": True,
        "fill": "nearest",
    }
    assert (settings.frozen_epochs, settings.trained_layers, settings.weight_decay) == (0, 0, 0)
    mobilenet = RunConfig(model="MobileNet", store=STORE, recipe="original").settings(True)
    assert mobilenet.trained_layers == 30


def test_modern_does_not_mirror_and_has_two_phases():
    config = RunConfig(model="resnet34", store=STORE)
    assert config.settings(True).frozen_epochs > 0
    assert config.settings(False).frozen_epochs == 0
    assert not config.settings(True).augmentation.flip


def different(one: dict[str, Any], other: dict[str, Any]) -> set[str]:
    return {name for name in one if one[name] != other[name]}


def test_the_original_freezes_layers_of_mobilenet_with_loaded_weights_only():
    plain = original("resnet50", True)
    assert different(original("mobilenet", True), plain) == {"trained_layers"}
    for model, pretrained in (("mobilenet", False), ("resnet50", False)):
        assert original(model, pretrained) == plain


def test_loaded_weights_change_how_the_modern_recipe_treats_the_backbone():
    changed = different(modern("resnet50", True), modern("resnet50", False))
    assert changed == {"epochs", "frozen_epochs", "backbone_rate", "batch_norm"}
    assert modern("resnet50", True) == modern("mobilenet", True)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_a_new_table_each_time(name):
    first = recipe(name, "mobilenet", True)
    first["epochs"] = 999
    first["augmentation"]["rotation"] = 999
    again = recipe(name, "mobilenet", True)
    assert again["epochs"] != 999
    assert again["augmentation"]["rotation"] != 999


def test_an_unknown_recipe_is_an_error():
    with pytest.raises(KeyError, match="newest"):
        recipe("newest", "mobilenet", True)
