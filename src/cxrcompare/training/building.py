"""Builds the networks of an experiment with their weights in a child process, before any decoding.

The child is `python -P -m cxrcompare.training.building FILE`. It reads the configurations from
standard input and writes its findings to the file, both as JSON.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from cxrcompare import environment, exit_status, isolated, models
from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import files
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.steps import device

_MODULE = "cxrcompare.training.building"


class Network(NamedTuple):
    """A network that was built with its starting weights.

    Attributes:
        parameters: Number of parameters.
        activations: Number of outputs of all layers for one image.
        precision: Precision of the layers, "float32" or "bfloat16".
        weights: A description of the starting weights.
    """

    parameters: int
    activations: int
    precision: str
    weights: str


class Trial(NamedTuple):
    """The result of building the networks of an experiment.

    Attributes:
        framework: Name and version of the framework and of Keras.
        gpu: The name of the GPU, "" if there is none.
        networks: The network of each configuration, or the error with which a training would end.
    """

    framework: str
    gpu: str
    networks: tuple[Network | InputError | JobError, ...]


def build_all(configs: Sequence[RunConfig]) -> Trial:
    """Builds networks in a child process, so that this process loads no framework.

    Args:
        configs: The configuration of one training of each network, with `findings` and
            `image_size`; the store need not exist.

    Raises:
        InputError: No network can be built, e.g. the framework is not installed.
        JobError: The process crashed.
    """
    with tempfile.TemporaryDirectory(prefix="cxrcompare-") as folder:
        file = Path(folder) / "found.json"
        done = subprocess.run(
            isolated.command(_MODULE, str(file)),
            env=isolated.environment(),
            input=json.dumps([config.model_dump(mode="json") for config in configs]),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        _check(done, configs)
        found = files.read_json(file)
    return Trial(found["framework"], found["gpu"], tuple(map(_outcome, found["networks"])))


def _check(done: subprocess.CompletedProcess[str], configs: Sequence[RunConfig]) -> None:
    lines = done.stderr.strip().splitlines()
    last = lines[-1].removeprefix("cxrcompare: ") if lines else "no message"
    if done.returncode == 2:
        raise InputError(last)
    if done.returncode:
        names = ", ".join(config.model for config in configs)
        how = isolated.ended(done.returncode)
        raise JobError(f"{names}: the process that built the networks for a test: {how}: {last}")


def _outcome(found: dict[str, Any]) -> Network | InputError | JobError:
    if "wrong" in found:
        return InputError(found["wrong"])
    return JobError(found["failed"]) if "failed" in found else Network(**found)


def _main() -> None:
    configs = [RunConfig.model_validate_json(json.dumps(one)) for one in json.load(sys.stdin)]
    backend = device.start(any(config.deterministic for config in configs))
    versions = environment.versions()
    version = versions.get(backend) or versions.get(f"{backend}-cpu", "")
    found = {
        "framework": f"{backend} {version}, keras {versions.get('keras', '')}",
        "gpu": device.gpu(),
        "networks": [_try(config) for config in configs],
    }
    files.write_json(Path(sys.argv[1]), found)


def _try(config: RunConfig) -> dict[str, Any]:
    try:
        return _build(config)._asdict()
    except InputError as error:
        return {"wrong": str(error)}
    except JobError as error:
        return {"failed": str(error)}


def _build(config: RunConfig) -> Network:
    """Builds a network as its training will, with the same checks of loss and precision."""
    import keras

    from cxrcompare.training.objectives import losses
    from cxrcompare.training.running.context import weights_loaded

    start = models.starting_weights(config.model, config.weights)
    settings = config.settings(start.pretrained)
    findings = config.findings or ()
    losses.check(settings.loss, settings.loss_options)
    precision = device.precision(settings.precision)
    source = models.load(start.network) if start.network is not None else start.backbone
    network = models.build(
        config.model,
        len(findings) + config.policy.rules(findings).count("u-multiclass"),
        int(config.image_size or 0),
        source,
        settings.head,
        settings.dropout,
        settings.normalisation,
    )
    weights = weights_loaded(start)
    if isinstance(source, keras.Model):
        kept = models.copy_head(source, network, start.findings, findings)
        weights += f"; head kept for {len(kept)} of {len(findings)} findings"
    outputs = [one for layer in _layers(network) for one in keras.tree.flatten(layer.output)]
    activations = sum(math.prod(int(side or 1) for side in one.shape[1:]) for one in outputs)
    return Network(int(network.count_params()), activations, precision, weights)


def _layers(model: Any) -> Iterator[Any]:
    """Yields the layers of a model, and those of its inner models instead of these."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from _layers(layer)
        else:
            yield layer


if __name__ == "__main__":
    sys.exit(exit_status.run(_main))
