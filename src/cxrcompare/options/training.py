"""Options of a training: what one training is of, its settings, its augmentation, its labels.

A recipe gives every setting its default; see `docs/training.md`.
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
    """How images vary in training; all zero leaves them as they are. A recipe gives the values."""

    rotation: Annotated[float, _number("largest rotation, degrees to either side", 0, 180)] = 0
    shift: Annotated[float, _number("largest shift along each axis, share of the side", 0, 0.5)] = 0
    shear: Annotated[float, _number("largest shear, degrees to either side", 0, lt=45)] = 0
    zoom: Annotated[float, _number("share by which lengths grow or shrink at most", 0, lt=1)] = 0
    zoom_axes: Annotated[
        Literal["same", "independent"], _flag("one zoom factor for both axes, or one each")
    ] = "same"
    brightness: Annotated[float, _number("largest change of the pixels, share", 0, lt=1)] = 0
    contrast: Annotated[
        float, _number("largest change of the distance from mid-grey, share", 0, lt=1)
    ] = 0
    flip: Annotated[bool, _flag("mirror left and right in half of the images")] = False
    fill: Annotated[
        Literal["nearest", "black"], _flag("pixels beyond the border: the nearest one, or black")
    ] = "black"


class Settings:
    """The settings of a training, for which a recipe has a value each."""

    epochs: Annotated[
        int, _number("maximum number of epochs, of fine-tuning if weights are loaded", 1, 10_000)
    ]
    frozen_epochs: Annotated[
        int, _number("epochs before them in which only the head learns", 0, 1_000)
    ]
    batch_size: Annotated[int, _number("images in a step", 1, 65_536)]
    learning_rate: Annotated[float, _number("learning rate of the head", le=10, gt=0)]
    frozen_learning_rate: Annotated[
        float, _number("learning rate of the frozen epochs", le=10, gt=0)
    ]
    backbone_rate: Annotated[
        float, _number("learning rate of the backbone, share of the head's", le=1, gt=0)
    ]
    schedule: Annotated[
        Literal["constant", "cosine", "step"], _flag("how the learning rate changes")
    ]
    warmup_epochs: Annotated[float, _number("epochs in which the rate rises from 0", 0, 1_000)]
    final_rate: Annotated[float, _number("share of the rate at which cosine ends", 0, 1)]
    step_epochs: Annotated[
        tuple[int, ...],
        Option("epochs at which step changes the rate", shown="10,30", default=_RECIPE),
    ]
    rate_factor: Annotated[float, _number("factor of the rate at each step", gt=0, lt=1)]
    weight_decay: Annotated[
        float, _number("decoupled weight decay (AdamW); 0 is plain Adam", 0, lt=1)
    ]
    clip_norm: Annotated[float, _number("largest norm of all gradients; 0 is no limit", 0)]
    clip_value: Annotated[float, _number("largest value of a gradient; 0 is no limit", 0)]
    normalisation: Annotated[
        Literal["own", "unit"], _flag("pixels as the network's weights expect, or over 255")
    ]
    head: Annotated[Literal["linear", "original"], _flag("layers after the backbone")]
    dropout: Annotated[float, _number("dropout before each dense layer of the head", 0, lt=1)]
    batch_norm: Annotated[
        Literal["trained", "frozen"],
        _flag("whether batch normalisation learns or stays as loaded"),
    ]
    norm_momentum: Annotated[
        float, _number("momentum of batch normalisation; 0 is the network's own", 0, lt=1)
    ]
    trained_layers: Annotated[
        int, _number("number of last backbone layers that are fine-tuned; 0 is all", 0)
    ]
    loss: Annotated[
        Literal["bce", "weighted-bce", "focal", "asymmetric", "auc-margin"],
        _flag("loss function"),
    ]
    loss_options: Annotated[
        dict[str, float], Option("numbers of the loss function by name", flag="", default=_RECIPE)
    ]
    precision: Annotated[
        Literal["auto", "float32", "bfloat16"],
        _flag("precision; auto is bfloat16 where the hardware gains from it"),
    ]
    frozen_augmentation: Annotated[
        bool, _flag("augment in the frozen epochs too, which then cannot keep features")
    ]
    monitor: Annotated[
        Literal["valid_auroc", "valid_loss"],
        _flag("what the best epoch and early stopping are chosen by"),
    ]
    patience: Annotated[
        int, _number("epochs without improvement before training stops; 0 is never", 0, 10_000)
    ]


class Seed:
    """The seed of one training."""

    seed: Annotated[
        int,
        Option("seed of weights, order, augmentation and dropout", ge=0, le=2**31 - 1, shown="N"),
    ] = 0


class Training:
    """Options of a training that are not of a recipe."""

    recipe: Annotated[Recipe, Option("where settings come from")] = "modern"
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
            "side of the images that the network gets, in pixels",
            ge=32,
            le=2048,
            shown="PX",
            flag="training-image-size",
            default="the store's",
        ),
    ] = None
    deterministic: Annotated[bool, Option("make repeated runs bit-identical (slower)")] = False
    tensorboard: Annotated[bool, Option("write logs for TensorBoard to the run folder")] = False


@dataclass(frozen=True, kw_only=True)
class Labels:
    """What uncertain and blank labels become in training."""

    uncertain: Annotated[
        Any,
        Option(
            "policy for uncertain labels in training; in a file also one per finding",
            key="policy",
            shown="NAME",
        ),
    ] = "u-ones"
    blank: Annotated[Literal["negative", "ignore"], Option("meaning of an unmentioned finding")] = (
        "negative"
    )
    soft: Annotated[float, Option("target of the policy u-soft", ge=0, le=1, shown="SHARE")] = 0.5
    ones_range: Annotated[
        tuple[float, float], Option("range of u-ones-smooth", shown="LOW,HIGH")
    ] = (0.55, 0.85)
    zeros_range: Annotated[
        tuple[float, float], Option("range of u-zeros-smooth", shown="LOW,HIGH")
    ] = (0.0, 0.3)
    seed: Annotated[
        int, Option("seed of these draws", ge=0, le=2**31 - 1, flag="policy-seed", shown="N")
    ] = 0
