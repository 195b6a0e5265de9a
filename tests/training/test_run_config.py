"""RunConfig and the recipes."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from cxrcompare.training.run_config import RunConfig

STORE = Path("store")


def test_importing_it_imports_no_framework():
    code = (
        "import sys, cxrcompare.training.run_config\n"
        "print([m for m in ('keras', 'tensorflow', 'jax', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


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
