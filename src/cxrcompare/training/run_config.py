"""RunConfig: the configuration of one training run; no Keras needed.

A recipe has a default for every setting; a setting that is given overrides the recipe. The
resolved configuration is written to `config.json` in the run folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from cxrcompare.labels.policy import Policy
from cxrcompare.models.backbones import get
from cxrcompare.training.recipes import RECIPES, recipe

_STRICT = ConfigDict(extra="forbid", frozen=True)


class Augmentation(BaseModel):
    """The augmentation of training images; with all values zero, images are not changed.

    Attributes:
        rotation: Maximum rotation in degrees, in both directions.
        shift: Maximum shift along each axis, as a share of the side.
        shear: Maximum shear in degrees, in both directions.
        zoom: Maximum relative change of lengths.
        zoom_axes: One zoom factor for both axes ("same") or one for each ("independent").
        brightness: Maximum relative change of pixel values.
        contrast: Maximum relative change of the distance from mid-grey.
        flip: Whether half of the images are mirrored horizontally.
        fill: The pixels outside the image: the nearest pixel, or black.
    """

    model_config = _STRICT

    rotation: float = Field(default=0, ge=0, le=180)
    shift: float = Field(default=0, ge=0, le=0.5)
    shear: float = Field(default=0, ge=0, lt=45)
    zoom: float = Field(default=0, ge=0, lt=1)
    zoom_axes: Literal["same", "independent"] = "same"
    brightness: float = Field(default=0, ge=0, lt=1)
    contrast: float = Field(default=0, ge=0, lt=1)
    flip: bool = False
    fill: Literal["nearest", "black"] = "black"

    @property
    def enabled(self) -> bool:
        """Whether any image is changed."""
        return self.geometric or self.photometric

    @property
    def geometric(self) -> bool:
        """Whether images are shifted, rotated, sheared, scaled or mirrored."""
        return bool(self.rotation or self.shift or self.shear or self.zoom or self.flip)

    @property
    def photometric(self) -> bool:
        """Whether grey levels are changed."""
        return bool(self.brightness or self.contrast)


class Settings(BaseModel):
    """The settings with defaults in a recipe, each with its range; see `docs/training.md`.

    Attributes:
        epochs: Maximum number of fine-tuning epochs; without pretrained weights, of all epochs.
        frozen_epochs: Epochs before fine-tuning in which only the head is trained; 0 without
            pretrained weights.
        batch_size: Images in a step.
        learning_rate: Learning rate of the head in fine-tuning.
        frozen_learning_rate: Learning rate of the frozen phase.
        backbone_rate: Learning rate of the backbone, as a share of the head's.
        schedule: Learning-rate schedule: "constant", "cosine" or "step".
        warmup_epochs: Epochs in which the learning rate increases from 0, in any schedule.
        final_rate: Final learning rate of "cosine", as a share of `learning_rate`.
        step_epochs: Epochs at which "step" multiplies the learning rate by `rate_factor`.
        rate_factor: The factor of "step".
        weight_decay: Decoupled weight decay (AdamW), not applied to biases and normalisation
            layers; 0 is plain Adam.
        clip_norm: Maximum global norm of the gradients; 0 is no limit.
        clip_value: Maximum absolute value of a gradient; 0 is no limit.
        normalisation: Pixel normalisation: "own" (that of the network) or "unit" (division by 255);
            see `models.build`.
        head: "linear" or "original"; see `models.build`.
        dropout: Dropout rate before each dense layer of the head.
        batch_norm: "trained", or "frozen": statistics, scale and offset of the loaded weights are
            kept.
        norm_momentum: Momentum of the running statistics of batch normalisation in trained layers;
            0 is the network's default (0.99 in Keras, 0.9 in PyTorch).
        trained_layers: Number of last layers of the backbone to fine-tune; 0 is all layers.
        loss: See `cxrcompare.training.objectives.losses`.
        loss_options: Options of the loss.
        precision: "float32", "bfloat16", or "auto": bfloat16 if it is faster on this hardware.
        augmentation: Augmentation of the training images.
        frozen_augmentation: Whether the frozen phase uses augmentation too; features are then not
            cached.
        monitor: The metric for early stopping and for the best checkpoint.
        patience: Epochs without improvement before training stops; 0 disables early stopping.
    """

    model_config = _STRICT

    epochs: int = Field(ge=1, le=10_000)
    frozen_epochs: int = Field(ge=0, le=1_000)
    batch_size: int = Field(ge=1, le=65_536)
    learning_rate: float = Field(gt=0, le=10)
    frozen_learning_rate: float = Field(gt=0, le=10)
    backbone_rate: float = Field(gt=0, le=1)
    schedule: Literal["constant", "cosine", "step"]
    warmup_epochs: float = Field(ge=0, le=1_000)
    final_rate: float = Field(ge=0, le=1)
    step_epochs: tuple[int, ...]
    rate_factor: float = Field(gt=0, lt=1)
    weight_decay: float = Field(ge=0, lt=1)
    clip_norm: float = Field(ge=0)
    clip_value: float = Field(ge=0)
    normalisation: Literal["own", "unit"]
    head: Literal["linear", "original"]
    dropout: float = Field(ge=0, lt=1)
    batch_norm: Literal["trained", "frozen"]
    norm_momentum: float = Field(ge=0, lt=1)
    trained_layers: int = Field(ge=0)
    loss: Literal["bce", "weighted-bce", "focal", "asymmetric", "auc-margin"]
    loss_options: dict[str, float]
    precision: Literal["auto", "float32", "bfloat16"]
    augmentation: Augmentation
    frozen_augmentation: bool
    monitor: Literal["valid_auroc", "valid_loss"]
    patience: int = Field(ge=0, le=10_000)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (
            list(self.step_epochs) != sorted(set(self.step_epochs))
            or min(self.step_epochs, default=1) < 1
        ):
            raise ValueError(f"`step_epochs` must ascend from 1. Received: {self.step_epochs}")
        return self


_Given: type[BaseModel] = create_model(  # every setting; None takes the recipe's default
    "_Given",
    __config__=_STRICT,
    **{
        name: (Annotated[(info.annotation, *info.metadata, "setting")] | None, None)
        for name, info in Settings.model_fields.items()
        if name != "augmentation"
    },
    augmentation=(dict[str, Any] | None, None),
)  # type: ignore[call-overload]


class RunConfig(_Given):  # type: ignore[misc,valid-type]
    """The configuration of one training run, with the settings that override its recipe.

    Attributes:
        model: The network, a name of `models.names()`.
        store: The image store's folder.
        seed: Seeds initial weights, order, augmentation and dropout.
        findings: The findings to train, in order; None for all findings of the store.
        policy: The policy for uncertain and blank labels.
        weights: "imagenet", "none" (random), a weights file, a `.keras` file or the folder of a
            finished run of the same network, to fine-tune from it, or a folder with a weights file
            of the network.
        image_size: Side of the images in pixels; None for the size of the store.
        recipe: The source of the settings that are not given: "modern" or "original".
        deterministic: Whether results are bit-identical on the same machine, at some cost in speed.
        tensorboard: Whether logs for TensorBoard are written to the run folder.
    """

    model: str
    store: Path
    seed: int = Field(default=0, ge=0, lt=2**31)
    findings: tuple[str, ...] | None = Field(default=None, min_length=1)
    policy: Policy = Policy()
    weights: str = "imagenet"
    image_size: int | None = Field(default=None, ge=32, le=2048)
    recipe: Literal["modern", "original"] = "modern"
    deterministic: bool = False
    tensorboard: bool = False

    @model_validator(mode="after")
    def _known(self) -> Self:
        get(self.model)
        for pretrained in (True, False):
            self.settings(pretrained)
        return self

    def settings(self, pretrained: bool) -> Settings:
        """Returns every setting: the given value, or the recipe's default.

        Args:
            pretrained: Whether weights are loaded; the defaults of a recipe depend on it.
        """
        chosen = recipe(self.recipe, get(self.model).name, pretrained)
        given = {
            name: value
            for name in Settings.model_fields
            if (value := getattr(self, name)) is not None
        }
        given["augmentation"] = {**chosen["augmentation"], **given.get("augmentation", {})}
        return Settings.model_validate({**chosen, **given})


__all__ = ["RECIPES", "Augmentation", "RunConfig", "Settings"]
