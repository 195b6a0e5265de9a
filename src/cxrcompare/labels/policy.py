"""Uncertainty policies: convert label states to targets in [0, 1] with weights in {0, 1}."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator

from cxrcompare.errors import InputError
from cxrcompare.findings import CHEXPERT, same
from cxrcompare.options.training import Labels

RULES: dict[str, str] = {
    "u-ignore": "left out of the loss (Irvin et al. 2019)",
    "u-zeros": "negative (Irvin et al. 2019)",
    "u-ones": "positive (Irvin et al. 2019)",
    "u-multiclass": "a third class beside negative and positive; at test p1 / (p0 + p1) "
    "(Irvin et al. 2019)",
    "u-selftrained": "the prediction of a network trained with u-ignore (Irvin et al. 2019)",
    "u-ones-smooth": "drawn from U(0.55, 0.85) (Pham et al. 2019)",
    "u-zeros-smooth": "drawn from U(0, 0.3) (Pham et al. 2019)",
    "u-soft": "one probability, `soft`, 0.5 by default",
}
"""How each rule treats the uncertain labels of a finding."""

MIXTURES: dict[str, dict[str, str]] = {
    "mixed": {
        "Atelectasis": "u-ones",
        "Edema": "u-ones",
        "Consolidation": "u-zeros",
        "Cardiomegaly": "u-zeros",
        "Pleural Effusion": "u-zeros",
        "default": "u-ones",
    },
    "irvin-best": {
        "Atelectasis": "u-ones",
        "Cardiomegaly": "u-multiclass",
        "Consolidation": "u-selftrained",
        "Edema": "u-ones",
        "Pleural Effusion": "u-multiclass",
        "default": "u-ones",
    },
}
"""Named mixtures: a rule per finding, and `default` for all other findings."""

Probability = Annotated[float, Field(ge=0, le=1)]


class Policy(BaseModel, Labels, frozen=True):
    """The treatment of uncertain and unmentioned labels in training.

    Attributes:
        uncertain: A rule of `RULES`, a name of `MIXTURES`, or a rule per finding with `default` for
            the others (u-ignore if there is no default). In a file its key is `policy`.

    Sources: Irvin et al. 2019, arXiv 1901.07031; Pham et al. 2019, arXiv 1911.06475.
    """

    model_config = ConfigDict(extra="forbid")

    uncertain: str | dict[str, str] = Field(
        default=Labels.uncertain, validation_alias=AliasChoices("policy", "uncertain")
    )
    ones_range: tuple[Probability, Probability] = Labels.ones_range
    zeros_range: tuple[Probability, Probability] = Labels.zeros_range

    @field_validator("uncertain")
    @classmethod
    def _known(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        if isinstance(value, str):
            return _spelled(value, [*RULES, *MIXTURES])
        return {finding: _spelled(rule, list(RULES)) for finding, rule in value.items()}

    @field_validator("ones_range", "zeros_range")
    @classmethod
    def _ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        if value[0] > value[1]:
            raise ValueError(f"a range must be (low, high). Received: {value}")
        return value

    def rule(self, finding: str) -> str:
        """Returns the rule for a finding."""
        if isinstance(self.uncertain, str) and self.uncertain not in MIXTURES:
            return self.uncertain
        rules = self.uncertain if isinstance(self.uncertain, dict) else MIXTURES[self.uncertain]
        named = (rule for name, rule in rules.items() if same(name, finding))
        return next(named, rules.get("default", "u-ignore"))

    def rules(self, findings: Sequence[str]) -> tuple[str, ...]:
        """Returns each finding's rule.

        Raises:
            InputError: A rule names a finding that is neither in `findings` nor in CheXpert.
        """
        if isinstance(self.uncertain, dict):
            for name in self.uncertain:
                if name != "default" and not any(same(name, x) for x in (*findings, *CHEXPERT)):
                    raise InputError(
                        f"`policy` must name findings among {', '.join(findings)}. Received: {name}"
                    )
        return tuple(self.rule(finding) for finding in findings)


@dataclass(frozen=True)
class Targets:
    """Training targets and their weights.

    Attributes:
        values: (N, F) float32 in [0, 1].
        weights: (N, F) float32 in {0, 1}; a target with weight 0 is left out of the loss.
        findings: The names of the columns.
        uncertain: (N, F) bool, whether the target is the third class of u-multiclass.
    """

    values: np.ndarray
    weights: np.ndarray
    findings: tuple[str, ...]
    uncertain: np.ndarray


def targets(
    states: np.ndarray,
    findings: Sequence[str],
    policy: Policy,
    probabilities: np.ndarray | None = None,
) -> Targets:
    """Returns targets and weights for label states.

    Args:
        states: (N, F) in {1 positive, 0 negative, -1 uncertain, NaN unmentioned}.
        findings: The names of the F columns.
        policy: The treatment of uncertain and unmentioned labels.
        probabilities: (N, F) in [0, 1], the predictions of the first network of u-selftrained for
            the same images. Without them the rule ignores uncertain labels, as in its first stage.

    Raises:
        InputError: Shapes or states are not as above.
    """
    states = np.asarray(states, dtype=np.float64)
    _check(states, findings, probabilities)
    values = np.where(states == 1, 1.0, 0.0)
    weights = np.ones_like(values)
    if policy.blank == "ignore":
        weights[np.isnan(states)] = 0
    third = np.zeros(states.shape, dtype=bool)
    generator = np.random.default_rng(policy.seed)
    for column, rule in enumerate(policy.rules(findings)):
        uncertain = states[:, column] == -1
        draws = generator.random(len(states))[uncertain]
        if rule == "u-multiclass":
            third[:, column] = uncertain
        elif rule == "u-ignore" or (rule == "u-selftrained" and probabilities is None):
            weights[uncertain, column] = 0
        elif rule == "u-selftrained" and probabilities is not None:
            values[uncertain, column] = probabilities[uncertain, column]
        else:
            low, high = _range(rule, policy)
            values[uncertain, column] = low + (high - low) * draws
    return Targets(values.astype(np.float32), weights.astype(np.float32), tuple(findings), third)


def _range(rule: str, policy: Policy) -> tuple[float, float]:
    return {
        "u-zeros": (0.0, 0.0),
        "u-ones": (1.0, 1.0),
        "u-soft": (policy.soft, policy.soft),
        "u-ones-smooth": policy.ones_range,
        "u-zeros-smooth": policy.zeros_range,
    }[rule]


def _check(states: np.ndarray, findings: Sequence[str], probabilities: np.ndarray | None) -> None:
    if states.ndim != 2 or states.shape[1] != len(findings):
        raise InputError(
            f"label states must have the shape (images, {len(findings)}). Received: {states.shape}"
        )
    strange = ~(np.isnan(states) | np.isin(states, (1.0, 0.0, -1.0)))
    if strange.any():
        row, column = np.argwhere(strange)[0]
        raise InputError(
            f"label states must be 1, 0, -1 or blank. "
            f"Received: {states[row, column]} for {findings[column]} in row {row + 1}"
        )
    if probabilities is None:
        return
    if (
        probabilities.shape != states.shape
        or not ((probabilities >= 0) & (probabilities <= 1)).all()
    ):
        raise InputError(
            f"probabilities must be in [0, 1], of the shape {states.shape}. "
            f"Received: the shape {probabilities.shape}"
        )


def _spelled(rule: str, choices: list[str]) -> str:
    """Returns a rule's standard spelling; U_SelfTrained is u-selftrained."""

    def key(text: str) -> str:
        return "".join(letter for letter in text.lower() if letter.isalnum())

    for choice in choices:
        if key(choice) == key(rule):
            return choice
    raise ValueError(f"a policy must be one of {', '.join(choices)}. Received: {rule}")
