"""Checks the networks of an experiment: weights, framework, device, memory and disk space."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cxrcompare import environment
from cxrcompare.errors import InputError, JobError, raise_all
from cxrcompare.experiment import resources
from cxrcompare.experiment.resources import Need, gigabytes
from cxrcompare.training.building import Network, build_all
from cxrcompare.training.run_config import RunConfig


def check(
    trainings: Sequence[tuple[RunConfig, int]], jobs: int, out: Path, store: int
) -> list[str]:
    """Builds each network with its weights, estimates its needs, and returns lines on all.

    Memory is only estimated, so a lack of it is part of the line and no error.

    Args:
        trainings: A configuration of each network, and the number of its unfinished trainings.
        jobs: Number of parallel trainings.
        out: The output folder, which may not exist.
        store: Bytes of the store that is to be written.

    Raises:
        InputError: A network cannot be built, or its weights cannot be loaded.
        JobError: Weights cannot be downloaded, or there is not enough disk space.
    """
    trial = build_all([config for config, _ in trainings])
    problems: list[InputError | JobError] = []
    lines: list[str] = []
    parameters: list[int] = []
    memory: list[float] = []
    for (config, count), network in zip(trainings, trial.networks, strict=True):
        if not isinstance(network, Network):
            problems.append(type(network)(f"{config.model}: {network}"))
            continue
        batch = config.settings(network.weights != "none").batch_size
        needed = resources.training_bytes(
            network.parameters, network.activations, batch, network.precision
        )
        parameters += [network.parameters] * count
        memory += [needed] * count
        lines.append(
            f"{config.model}: weights {network.weights}; {network.parameters:,} parameters; "
            f"estimated peak memory {gigabytes(needed)} for batches of {batch} images of "
            f"{config.image_size} px in {network.precision}"
        )
    raise_all(problems)
    cores = environment.hardware()
    device = trial.gpu or f"CPU ({cores['processor']}, {cores['cores']} cores)"
    lines = [f"framework: {trial.framework}", f"device: {device}", *lines]
    if not trial.gpu:
        parallel = min(jobs, len(memory))
        lines.append(_memory_line(resources.memory(memory, parallel), parallel))
    return [*lines, _disk_line(resources.disk(out, store, parameters, jobs), out)]


def _memory_line(need: Need, jobs: int) -> str:
    short = "" if need.met else "; too little: lower `batch_size`, the image size or `jobs`"
    return (
        f"memory: estimated peak {gigabytes(need.needed)} of {jobs} parallel training"
        f"{'' if jobs == 1 else 's'} (within about 25 %), of {gigabytes(need.present)}{short}"
    )


def _disk_line(need: Need, out: Path) -> str:
    if not need.met:
        raise JobError(
            f"{out}: store, checkpoints and networks need about {gigabytes(need.needed)} of disk "
            f"space. Received: {gigabytes(need.present)} free"
        )
    return (
        f"disk: about {gigabytes(need.needed)} for store, checkpoints and networks, of "
        f"{gigabytes(need.present)} free"
    )
