"""Recipes: a default for every training setting, as plain dictionaries; no Keras needed."""

from __future__ import annotations

from typing import Any, get_args

from cxrcompare.options.training import Recipe

RECIPES: tuple[str, ...] = get_args(Recipe)


def recipe(name: str, model: str, pretrained: bool) -> dict[str, Any]:
    """Returns every setting of a recipe.

    Args:
        name: One of `RECIPES`.
        model: The network's name.
        pretrained: Whether weights are loaded.
    """
    return {"modern": modern, "original": original}[name](model, pretrained)


def original(model: str, pretrained: bool) -> dict[str, Any]:
    """Returns the recipe of the study that this project continues.

    Pixels are divided by 255. Training uses Adam, gradients clipped at 0.5, a step schedule, strong
    augmentation, no frozen phase, and early stopping on the validation loss. Of a pretrained
    MobileNet only the last 30 layers are trained. Errors of that study are corrected: the split is
    by patient, predictions have ids, and batch statistics of frozen layers are not updated.
    """
    return {
        **_SHARED,
        "epochs": 50,
        "frozen_epochs": 0,
        "learning_rate": 1e-3,
        "schedule": "step",
        "step_epochs": (10, 30),
        "rate_factor": 0.1,
        "clip_value": 0.5,
        "normalisation": "unit",
        "head": "original",
        "dropout": 0.5,
        "batch_norm": "trained",
        "trained_layers": 30 if pretrained and model == "mobilenet" else 0,
        "precision": "float32",
        "augmentation": {
            "rotation": 30.0,
            "shift": 0.2,
            "shear": 0.2,
            "zoom": 0.2,
            "zoom_axes": "independent",
            "brightness": 0.2,
            "flip": True,
            "fill": "nearest",
        },
        "frozen_augmentation": True,
        "monitor": "valid_loss",
        "patience": 5,
    }


def modern(model: str, pretrained: bool) -> dict[str, Any]:
    """Returns this project's recipe.

    Training uses AdamW with warm-up and a cosine schedule, gradients clipped by their global norm,
    mild augmentation without mirroring (the heart is on the left), and the epoch with the best
    exact validation AUROC. With pretrained weights, first the head alone is trained, on features
    that are computed once; then all layers are trained, the backbone at a tenth of the head's
    learning rate and with frozen batch normalisation.
    """
    settings = {
        **_SHARED,
        "schedule": "cosine",
        "warmup_epochs": 1.0,
        "weight_decay": 0.01,
        "clip_norm": 1.0,
        "dropout": 0.2,
        "norm_momentum": 0.9,
        "precision": "auto",
        "augmentation": {
            "rotation": 10.0,
            "shift": 0.05,
            "zoom": 0.1,
            "brightness": 0.1,
            "contrast": 0.1,
        },
        "monitor": "valid_auroc",
        "patience": 8,
    }
    if pretrained:
        changes = {
            "epochs": 20,
            "frozen_epochs": 5,
            "learning_rate": 1e-3,
            "backbone_rate": 0.1,
            "batch_norm": "frozen",
        }
    else:
        changes = {"epochs": 40, "learning_rate": 1e-3}
    return {**settings, **changes}


_SHARED: dict[str, Any] = {
    "frozen_epochs": 0,
    "batch_size": 32,
    "frozen_learning_rate": 1e-3,
    "backbone_rate": 1.0,
    "warmup_epochs": 0.0,
    "final_rate": 0.01,
    "step_epochs": (),
    "rate_factor": 0.1,
    "weight_decay": 0.0,
    "clip_norm": 0.0,
    "clip_value": 0.0,
    "normalisation": "own",
    "head": "linear",
    "batch_norm": "trained",
    "norm_momentum": 0.0,
    "trained_layers": 0,
    "loss": "bce",
    "loss_options": {},
    "frozen_augmentation": False,
}
