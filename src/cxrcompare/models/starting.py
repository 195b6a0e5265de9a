"""Initial weights of a training: ImageNet, a weights file, an earlier run's network, or random."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from cxrcompare.errors import InputError
from cxrcompare.filesystem import files
from cxrcompare.models.backbones import Backbone, check_imagenet, get
from cxrcompare.models.weight_files.weights import SUFFIXES, file_of


@dataclass(frozen=True)
class StartingWeights:
    """The source of the initial weights of a network.

    Attributes:
        backbone: The `weights` argument of `models.build`: "imagenet", "none" (random), or a
            weights file. "none" if `network` is given.
        network: A `.keras` file of the same architecture, or None. Its backbone is copied, and its
            head for findings of the same name.
        findings: The findings of that network, in the order of its logits. Empty if the file is
            not in a run folder; the head is then initialised randomly.
    """

    backbone: str
    network: Path | None = None
    findings: tuple[str, ...] = ()

    @property
    def pretrained(self) -> bool:
        """Whether any weights are loaded."""
        return self.backbone != "none" or self.network is not None


def starting_weights(name: str, weights: str) -> StartingWeights:
    """Returns the source of the initial weights; loads nothing and does not import Keras.

    Args:
        name: A network of `names()`, or `module:function`.
        weights: "imagenet", "none", a weights file (`.h5`, `.pth`, `.pt`, `.safetensors`), a
            `.keras` file of a network of this package, the folder of a finished run, or a folder
            with a weights file of the network.

    Raises:
        InputError: The path does not exist, the folder has no weights of this network, or the run
            is unfinished or of another network. Random weights are never used instead.
    """
    entry = get(name)
    if weights == "imagenet":
        check_imagenet(entry)
    if weights in ("imagenet", "none"):
        return StartingWeights(weights)
    path = Path(weights)
    if path.is_dir():
        return _from_folder(entry, path)
    if not path.is_file():
        raise InputError(
            "`weights` must be imagenet, none, a weights file, a run folder or a folder of weights "
            f"files. Received: {weights}"
        )
    if path.suffix.lower() == ".keras":
        return StartingWeights("none", path, _findings_of_run(path.parent, entry.name))
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{path}: a weights file must end in {', '.join((*SUFFIXES, '.keras'))}. "
            f"Received: {path.suffix or 'no suffix'}"
        )
    return StartingWeights(str(path))


def _from_folder(entry: Backbone, folder: Path) -> StartingWeights:
    if (folder / "config.json").is_file():
        findings = _findings_of_run(folder, entry.name)
        network = folder / "model.keras"
        for file in (network, folder / "summary.json"):
            if not file.is_file():
                raise InputError(
                    f"{folder}: `weights` must be the folder of a finished run. "
                    f"Received: a run without {file.name}"
                )
        return StartingWeights("none", network, findings)
    found = file_of(entry, folder)
    if found is None:
        raise InputError(
            f"{folder}: the folder of `weights` must hold a weights file of {entry.name}, or be a "
            "finished run. Received: neither; `weights` may also be imagenet or none"
        )
    return StartingWeights(str(found))


def _findings_of_run(folder: Path, name: str) -> tuple[str, ...]:
    """Returns the findings of the run in a folder; empty if the folder is not a run folder.

    Raises:
        InputError: The run is of another network, or its `config.json` is damaged.
    """
    path = folder / "config.json"
    if not path.is_file():
        return ()
    config = files.read_json(path)
    model = config.get("model") if isinstance(config, dict) else None
    findings = config.get("findings") if isinstance(config, dict) else None
    if not isinstance(findings, list) or not all(isinstance(text, str) for text in findings):
        raise InputError(f"{path}: must be the config.json of a run. Received: no findings in it")
    if not isinstance(model, str) or get(model).name != name:
        raise InputError(
            f"{folder}: `weights` of {name} must come from a run of {name}. "
            f"Received: a run of {json.dumps(model)}"
        )
    return tuple(findings)
