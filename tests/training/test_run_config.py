"""RunConfig and the recipes."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from cxrcompare.training.recipes import recipe
from cxrcompare.training.run_config import RECIPES, RunConfig, Settings

STORE = Path("store")


def test_importing_it_imports_no_framework():
    code = (
        "import sys, cxrcompare.training.run_config\n"
        "print([m for m in ('keras', 'tensorflow', 'jax', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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


def test_what_is_given_beats_the_recipe_and_the_rest_stays():
    config = RunConfig(
        model="resnet34", store=STORE, epochs=7, augmentation={"rotation": 3.0}, clip_norm=0
    )
    settings = config.settings(True)
    untouched = RunConfig(model="resnet34", store=STORE).settings(True)
    assert settings.epochs == 7
    assert settings.clip_norm == 0 != untouched.clip_norm
    assert settings.augmentation.rotation == 3
    assert settings.augmentation.zoom == untouched.augmentation.zoom != 0
    assert settings.learning_rate == untouched.learning_rate


def test_it_survives_json():
    config = RunConfig(
        model="resnet34",
        store=STORE,
        findings=("Edema",),
        epochs=7,
        augmentation={"flip": True},
        policy={"uncertain": "u-zeros"},
    )
    again = RunConfig.model_validate_json(config.model_dump_json())
    assert again == config
    assert again.settings(False) == config.settings(False)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("epoch", 3),
        ("epochs", 0),
        ("epochs", "many"),
        ("schedule", "linear"),
        ("dropout", 1.0),
        ("precision", "float16"),
        ("step_epochs", [3, 2]),
        ("augmentation", {"rotate": 3}),
        ("augmentation", {"zoom": 1.0}),
        ("recipe", "newest"),
        ("model", "resnet35"),
        ("seed", -1),
        ("findings", []),
        ("monitor", "auc"),
        ("policy", {"uncertain": "u-twos"}),
        ("loss", "hinge"),
    ],
)
def test_what_is_wrong_is_refused_by_name(key, value):
    with pytest.raises(ValidationError) as caught:
        RunConfig.model_validate({"model": "resnet34", "store": STORE, key: value})
    assert key in str(caught.value)
