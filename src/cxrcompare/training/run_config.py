"""RunConfig: the validated configuration of one training run; no Keras needed.

A recipe has a default for every setting; a setting that is given overrides the recipe. The
resolved configuration is written to `config.json` in the run folder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from cxrcompare.labels.policy import Policy
from cxrcompare.models.backbones import get
from cxrcompare.options import training
from cxrcompare.training.recipes import RECIPES, recipe

_STRICT = ConfigDict(extra="forbid", frozen=True)


class Augmentation(BaseModel, training.Augmentation):
    """The augmentation of training images; with all values zero, images are not changed."""

    model_config = _STRICT

    @property
    def enabled(self) -> bool:
        """Whether any image is changed."""
        return bool(self.geometric or self.brightness or self.contrast)

    @property
    def geometric(self) -> bool:
        """Whether any image is shifted, rotated, sheared, scaled or mirrored."""
        return bool(self.rotation or self.shift or self.shear or self.zoom or self.flip)

    @property
    def photometric(self) -> bool:
        """Whether the grey levels of any image are changed."""
        return bool(self.brightness or self.contrast)


class Settings(BaseModel, training.Settings):
    """The settings with defaults in a recipe, each with its range; see `docs/training.md`.

    Attributes:
        augmentation: The augmentation of training images.
    """

    model_config = _STRICT

    augmentation: Augmentation

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (
            list(self.step_epochs) != sorted(set(self.step_epochs))
            or min(self.step_epochs, default=1) < 1
        ):
            raise ValueError(f"`step_epochs` must ascend from 1. Received: {self.step_epochs}")
        return self


_Given: type[BaseModel] = create_model(  # every setting; None for the default of the recipe
    "_Given",
    __config__=_STRICT,
    **{
        name: (Annotated[(info.annotation, *info.metadata, "setting")] | None, None)
        for name, info in Settings.model_fields.items()
        if name != "augmentation"
    },
    augmentation=(dict[str, Any] | None, None),
)  # type: ignore[call-overload]


class RunConfig(training.Training, training.Seed, _Given):  # type: ignore[misc,valid-type]
    """The configuration of one training; settings that are not None override the recipe.

    Attributes:
        model: The network, a name of `models.names()`.
        store: The image store's folder.
        findings: The findings to train, in the order of the store; None for all of the store.
        policy: The treatment of uncertain and blank labels.
    """

    model: str
    store: Path
    findings: tuple[str, ...] | None = Field(default=None, min_length=1)
    policy: Policy = Policy()

    @model_validator(mode="after")
    def _known(self) -> Self:
        get(self.model)
        for pretrained in (True, False):
            self.settings(pretrained)
        return self

    def settings(self, pretrained: bool) -> Settings:
        """Returns every setting: the given value, else the default of the recipe.

        Args:
            pretrained: Whether weights are loaded; some defaults depend on it.
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
