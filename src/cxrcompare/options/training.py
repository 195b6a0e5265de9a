"""Options of a training: seed, recipe and weights, settings, augmentation, label policy.

Each recipe has a default for every setting; see `docs/training.md`.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from cxrcompare.options.declaration import Option

Recipe = Literal["modern", "original"]

_RECIPE = "by recipe"


def _flag(text: str) -> Option:
    return Option(text, default=_RECIPE)


def _number(
    text: str,
    ge: float | None = None,
    le: float | None = None,
    gt: float | None = None,
    lt: float | None = None,
) -> Option:
    return Option(text, ge=ge, le=le, gt=gt, lt=lt, shown="N", default=_RECIPE)


class Augmentation:
    """Augmentation of training images, with defaults by recipe; all zero is no augmentation."""

    rotation: Annotated[
        float, _number("maximum rotation in either direction, in degrees", 0, 180)
    ] = 0
    shift: Annotated[
        float, _number("maximum shift along each axis, as a share of the image side", 0, 0.5)
    ] = 0
    shear: Annotated[float, _number("maximum shear in either direction, in degrees", 0, lt=45)] = 0
    zoom: Annotated[float, _number("maximum change of scale, as a share", 0, lt=1)] = 0
    zoom_axes: Annotated[
        Literal["same", "independent"], _flag("one zoom factor for both axes, or one per axis")
    ] = "same"
    brightness: Annotated[float, _number("maximum relative change of brightness", 0, lt=1)] = 0
    contrast: Annotated[
        float, _number("maximum relative change of contrast around mid-grey", 0, lt=1)
    ] = 0
    flip: Annotated[bool, _flag("mirror half of the images left to right")] = False
    fill: Annotated[
        Literal["nearest", "black"],
        _flag("value of pixels outside the image: the nearest pixel, or black"),
    ] = "black"


class Settings:
    """The settings of a training that have a default in each recipe."""

    epochs: Annotated[
        int, _number("maximum number of epochs, without the frozen epochs", 1, 10_000)
    ]
    frozen_epochs: Annotated[
        int, _number("initial epochs in which only the head is trained", 0, 1_000)
    ]
    batch_size: Annotated[int, _number("number of images per step", 1, 65_536)]
    learning_rate: Annotated[float, _number("learning rate of the head", le=10, gt=0)]
    frozen_learning_rate: Annotated[
        float, _number("learning rate of the frozen epochs", le=10, gt=0)
    ]
    backbone_rate: Annotated[
        float,
        _number(
            "learning rate of the backbone, as a share of the learning rate of the head", le=1, gt=0
        ),
    ]
    schedule: Annotated[Literal["constant", "cosine", "step"], _flag("learning rate schedule")]
    warmup_epochs: Annotated[
        float, _number("number of epochs of linear warm-up of the learning rate", 0, 1_000)
    ]
    final_rate: Annotated[
        float,
        _number(
            "learning rate at the end of the cosine schedule, as a share of `learning_rate`", 0, 1
        ),
    ]
    step_epochs: Annotated[
        tuple[int, ...],
        Option(
            "epochs after which the step schedule lowers the learning rate",
            shown="10,30",
            default=_RECIPE,
        ),
    ]
    rate_factor: Annotated[
        float, _number("factor of the learning rate at each step of the step schedule", gt=0, lt=1)
    ]
    weight_decay: Annotated[float, _number("decoupled weight decay (AdamW); 0 means Adam", 0, lt=1)]
    clip_norm: Annotated[
        float, _number("maximum global norm of the gradients; 0 means no limit", 0)
    ]
    clip_value: Annotated[
        float, _number("maximum absolute value of a gradient; 0 means no limit", 0)
    ]
    normalisation: Annotated[
        Literal["own", "unit"],
        _flag("normalisation of pixels: as for the ImageNet weights, or divided by 255"),
    ]
    head: Annotated[Literal["linear", "original"], _flag("type of the head after the backbone")]
    dropout: Annotated[float, _number("dropout rate before each dense layer of the head", 0, lt=1)]
    batch_norm: Annotated[
        Literal["trained", "frozen"],
        _flag("whether batch normalisation is trained or frozen"),
    ]
    norm_momentum: Annotated[
        float,
        _number("momentum of batch normalisation; 0 means the default of the network", 0, lt=1),
    ]
    trained_layers: Annotated[
        int, _number("number of last backbone layers to fine-tune; 0 means all", 0)
    ]
    loss: Annotated[
        Literal["bce", "weighted-bce", "focal", "asymmetric", "auc-margin"],
        _flag("loss function"),
    ]
    loss_options: Annotated[
        dict[str, float],
        Option("parameters of the loss function, by name", flag="", default=_RECIPE),
    ]
    precision: Annotated[
        Literal["auto", "float32", "bfloat16"],
        _flag("numeric precision; auto is bfloat16 if the hardware supports it natively"),
    ]
    frozen_augmentation: Annotated[
        bool, _flag("use augmentation in the frozen epochs too (slower: features cannot be reused)")
    ]
    monitor: Annotated[
        Literal["valid_auroc", "valid_loss"],
        _flag("metric for early stopping and the best epoch"),
    ]
    patience: Annotated[
        int, _number("epochs without improvement before training stops; 0 means never", 0, 10_000)
    ]


class Seed:
    """The seed of one training."""

    seed: Annotated[
        int,
        Option(
            "seed of initial weights, image order, augmentation and dropout",
            ge=0,
            le=2**31 - 1,
            shown="N",
        ),
    ] = 0


class Training:
    """Options of a training that do not depend on the recipe."""

    recipe: Annotated[Recipe, Option("recipe with the defaults of the settings")] = "modern"
    weights: Annotated[
        str,
        Option(
            "initial weights; PATH is a weights file, a folder with one, or a finished run",
            shown="imagenet|none|PATH",
        ),
    ] = "imagenet"
    image_size: Annotated[
        int | None,
        Option(
            "side of the input images of the network, in pixels",
            ge=32,
            le=2048,
            shown="PX",
            flag="training-image-size",
            default="the store's",
        ),
    ] = None
    deterministic: Annotated[bool, Option("make repeated runs bit-identical (slower)")] = False
    tensorboard: Annotated[bool, Option("write logs for TensorBoard to the run folder")] = False
    checkpoint_seconds: Annotated[
        int,
        Option(
            "shortest time between two checkpoints; 0 means a checkpoint after every epoch",
            ge=0,
            le=86_400,
            shown="SECONDS",
        ),
    ] = 0


@dataclass(frozen=True, kw_only=True)
class Labels:
    """The treatment of uncertain and blank labels in training."""

    uncertain: Annotated[
        Any,
        Option(
            "policy for uncertain labels in training; a file can set one per finding",
            key="policy",
            shown="NAME",
        ),
    ] = "u-ones"
    blank: Annotated[Literal["negative", "ignore"], Option("label of an unmentioned finding")] = (
        "negative"
    )
    soft: Annotated[
        float, Option("training target of the policy u-soft", ge=0, le=1, shown="SHARE")
    ] = 0.5
    ones_range: Annotated[
        tuple[float, float], Option("range of the targets of u-ones-smooth", shown="LOW,HIGH")
    ] = (0.55, 0.85)
    zeros_range: Annotated[
        tuple[float, float], Option("range of the targets of u-zeros-smooth", shown="LOW,HIGH")
    ] = (0.0, 0.3)
    seed: Annotated[
        int,
        Option(
            "seed of the targets of u-ones-smooth and u-zeros-smooth",
            ge=0,
            le=2**31 - 1,
            flag="policy-seed",
            shown="N",
        ),
    ] = 0
