"""RunConfig: everything one training is told. It needs no Keras.

A recipe gives every setting its default; a setting given by name beats the recipe. What a run was
told in the end, all of it, lies in its `config.json`.
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
    """How pictures vary in training; all zero leaves them as they are.

    Attributes:
        rotation: Degrees to either side.
        shift: Share of the side, along each axis.
        shear: Degrees to either side.
        zoom: Share by which lengths grow or shrink.
        zoom_axes: One factor for both axes ("same") or one each ("independent").
        brightness: Share by which pixels are multiplied, more or less.
        contrast: Share by which the distance from mid-grey is multiplied, more or less.
        flip: Mirrors left and right in half of the pictures.
        fill: What lies beyond the border: its nearest pixel, or black.
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
    def varies(self) -> bool:
        """Whether any picture changes at all."""
        return bool(self.moves or self.brightness or self.contrast)

    @property
    def moves(self) -> bool:
        """Whether any picture is moved, turned, scaled or mirrored."""
        return bool(self.rotation or self.shift or self.shear or self.zoom or self.flip)

    @property
    def shades(self) -> bool:
        """Whether any picture's grey levels change."""
        return bool(self.brightness or self.contrast)


class Settings(BaseModel):
    """The settings that a recipe chooses, each with its range; `docs/training.md` explains them.

    Attributes:
        epochs: Epochs of fine-tuning (of the whole training where no weights are loaded), at most.
        frozen_epochs: Epochs before them in which only the head learns; 0 without loaded weights.
        batch_size: Images in a step.
        learning_rate: Of fine-tuning, for the head.
        frozen_learning_rate: Of the frozen phase.
        backbone_rate: The backbone's rate over the head's.
        schedule: How the rate goes: "constant", "cosine" or "step".
        warmup_epochs: Epochs in which the rate grows from 0, in any schedule.
        final_rate: Share of the rate that "cosine" ends at.
        step_epochs: Epochs at which "step" multiplies the rate by `rate_factor`.
        rate_factor: What "step" multiplies the rate by.
        weight_decay: Decoupled (AdamW); never of biases and normalisation. 0 is plain Adam.
        clip_norm: The greatest norm of all gradients together; 0 is no limit.
        clip_value: The greatest value of any gradient; 0 is no limit.
        normalisation: Of pixels: the network's "own", or "unit" (over 255), see `models.build`.
        head: "linear" or "original", see `models.build`.
        dropout: Share of features dropped before each dense layer of the head.
        batch_norm: "trained", or "frozen": statistics, scale and offset of the loaded weights stay.
        norm_momentum: What the running statistics of batch normalisation keep of themselves at each
            step, wherever they learn; 0 is the network's own (0.99 in Keras, 0.9 in PyTorch).
        trained_layers: Fine-tunes only the backbone's last so many layers; 0 is all of them.
        loss: See `cxrcompare.training.objectives.losses`.
        loss_options: The loss's own settings.
        precision: "float32", "bfloat16", or "auto": bfloat16 where this hardware gains from it.
        augmentation: How pictures vary.
        frozen_augmentation: Varies them in the frozen phase too, which then cannot keep features.
        monitor: What early stopping and the best checkpoint go by.
        patience: Epochs without a better one before training stops; 0 never stops it early.
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


_Given: type[BaseModel] = create_model(  # every setting, None where the recipe is to choose
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
    """What one training is told: what is trained on what, and settings where they beat the recipe.

    Attributes:
        model: The network, a name of `models.names()`.
        store: The image store's folder.
        seed: Seeds initial weights, order, augmentation and dropout.
        findings: The findings to learn, in the order of the store; None for all that it has.
        policy: What uncertain and blank labels become.
        weights: "imagenet", "none" (random), a weights file, a `.keras` file or the folder of a
            finished run of the same network, to fine-tune from it, or a folder with a weights file
            of the network.
        image_size: Side of the pictures in pixels; None for the store's.
        recipe: Where settings that are not given come from: "modern" or "original".
        deterministic: Bit-identical results on the same machine, at some cost in speed.
        tensorboard: Writes logs for TensorBoard into the run folder.
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
        """Returns every setting: what was given, else the recipe's.

        Args:
            pretrained: Whether weights are loaded; recipes differ on it.
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
