"""Checks everything that can fail later in an experiment, before its first long step."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from cxrcompare import datasets, extras, models
from cxrcompare import findings as vocabulary
from cxrcompare.comparison.compare import Options
from cxrcompare.comparison.ensembles import chosen
from cxrcompare.comparison.result.saving import KIND
from cxrcompare.errors import InputError, JobError, raise_all
from cxrcompare.experiment import data_checks, network_checks
from cxrcompare.experiment.reading_settings import configure
from cxrcompare.experiment.settings import Settings
from cxrcompare.filesystem import output_checks, output_folder
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import ImageStore, open_store
from cxrcompare.labels import splits
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.train import check_folder

_NAMES = (
    "experiment.json",
    "sample",
    ".sample.*",
    "store",
    "comparison",
    ".comparison.*",
    "*__seed[0-9]*",
)
"""Names of the files and folders in the output folder."""

logger = logging.getLogger(__name__)

_T = TypeVar("_T")


@dataclass(frozen=True)
class Checked:
    """The result of the checks of an experiment.

    Attributes:
        store: The user's store, or None.
        table: The images with their splits; None for the embedded sample, which is not made yet.
        lines: What was checked, with its values: "name: value".
    """

    store: ImageStore | None
    table: ImageTable | None
    lines: tuple[str, ...]


def check(settings: Settings, out: str | os.PathLike[str]) -> Checked:
    """Checks an experiment without writing a file.

    Networks are built with their weights, and random predictions are compared, unless another check
    failed or all trainings are finished.

    Args:
        settings: The settings of the experiment.
        out: The output folder, which may not exist.

    Raises:
        InputError: Something is wrong; `CheckError` if several things are.
        JobError: The weights cannot be downloaded, or there is not enough disk space.
    """
    out = Path(out)
    problems: list[InputError | JobError] = []

    def tried(function: Callable[..., _T], *arguments: Any) -> _T | None:
        try:
            return function(*arguments)
        except (InputError, JobError) as error:
            problems.append(error)
            return None

    tried(_check_folder, settings, out)
    tried(_check_weights, settings)
    tried(_check_extras, settings)
    tried(_check_ensembles, settings)
    data = tried(_read, settings)
    store, table = data if data is not None else (None, None)
    lines = [_data_line(settings, table)]
    findings: tuple[str, ...] | None = None
    if data is not None:
        findings = tried(_findings, settings, table)
    images = settings.sample.images if table is None else len(table)
    if findings and table is not None:
        lines += datasets.decisions(table)
        lines += tried(_data_lines, settings, table, findings) or []
    lines += _plan_lines(settings, out)
    if not problems and findings:
        size = store.pixels.shape[1] if store is not None else settings.images.size
        waiting = _unfinished(settings, out, size, findings)
        if waiting:
            logger.info("checking weights, networks and the comparison")
        if waiting and table is not None:
            tried(_rehearse, settings, table, findings)
        if waiting:
            new = 0 if store is not None or (out / "store" / "store.json").exists() else images
            lines += tried(network_checks.check, waiting, settings.jobs, out, new * size**2) or []
    raise_all(problems)
    return Checked(store, table, tuple(lines))


def run_folder(out: str | os.PathLike[str], model: str, seed: int) -> Path:
    """Returns the run folder of a training of an experiment."""
    return Path(out) / f"{models.short_name(model)}__seed{seed}"


def _check_ensembles(settings: Settings) -> None:
    names = [models.short_name(model) for model in settings.models]
    runs = [(name, str(seed)) for name in names for seed in settings.seeds]
    chosen.check_names(settings.evaluation.ensemble, runs)


def _check_folder(settings: Settings, out: Path) -> None:
    """Checks that the folder has no files other than those of an earlier `run`."""
    marks = {"experiment.json": "models"}
    output_checks.check_continued(out, "folder of an experiment", _NAMES, marks)
    output_folder.check(out / "comparison", KIND)
    for model in settings.models:
        for seed in settings.seeds:
            check_folder(run_folder(out, model, seed))


def _check_weights(settings: Settings) -> None:
    """Checks that the weights of each network are found; they are loaded later."""
    default = "none" if settings.data is None and settings.store is None else "imagenet"
    for model in settings.models:
        models.starting_weights(model, str(settings.training.get("weights", default)))


def _check_extras(settings: Settings) -> None:
    if settings.training.get("tensorboard"):
        extras.need("`tensorboard`", "tensorboard")


def _read(settings: Settings) -> tuple[ImageStore | None, ImageTable | None]:
    """Returns the user's store and the table with its splits; None for the sample."""
    if settings.columns.model_fields_set and (settings.data is None or settings.store is not None):
        received = "a store, whose columns are known" if settings.store else "no data set"
        raise InputError(f"`columns` must only be given with `data`. Received: {received}")
    if settings.store is not None:
        store = open_store(settings.store)
        splits.check_disjoint(store.table, store.hashes)
        return store, store.table
    if settings.data is None:
        return None, None
    read = datasets.read(
        settings.dataset,
        settings.data,
        settings.columns,
        settings.findings,
        settings.follow_links,
    )
    shares = settings.splits.model_dump()
    return None, splits.assign(read, seed=shares.pop("seed"), fractions=shares)


def _findings(settings: Settings, table: ImageTable | None) -> tuple[str, ...]:
    available = vocabulary.CHEXPERT if table is None else table.findings
    return vocabulary.select(settings.findings, available)


def _data_line(settings: Settings, table: ImageTable | None) -> str:
    source = settings.store or settings.data
    if source is None:
        return f"data: the embedded sample, {settings.sample.images:,} synthetic images"
    return f"data: {source}" + (f", {len(table):,} images" if table is not None else "")


def _data_lines(settings: Settings, table: ImageTable, findings: tuple[str, ...]) -> list[str]:
    configs = [
        configure(model, Path(), settings.labels, settings.training, "settings")
        for model in settings.models
    ]
    monitors = any(config.settings(False).monitor == "valid_auroc" for config in configs)
    return [
        data_checks.split_line(table),
        *data_checks.class_lines(table, findings, configs[0].policy, monitors),
        data_checks.metadata_line(table),
    ]


def _plan_lines(settings: Settings, out: Path) -> list[str]:
    finished = sum(
        _finished(out, model, seed) for model in settings.models for seed in settings.seeds
    )
    count = len(settings.models) * len(settings.seeds)
    seeds = ", ".join(map(str, settings.seeds))
    rule = Options(**settings.evaluation.model_dump()).chosen_rule
    return [
        f"trainings: {count} ({', '.join(settings.models)}; seeds {seeds}), {finished} finished",
        f"thresholds: {rule}, chosen on validation",
        f"output: {out}",
    ]


def _unfinished(
    settings: Settings, out: Path, size: int, findings: tuple[str, ...]
) -> list[tuple[RunConfig, int]]:
    """Returns a configuration of each network with unfinished trainings, and their number."""
    found = []
    for model in settings.models:
        count = sum(not _finished(out, model, seed) for seed in settings.seeds)
        if count:
            given = {"image_size": size, **settings.training, "findings": findings}
            found.append((configure(model, Path(), settings.labels, given, "settings"), count))
    return found


def _finished(out: Path, model: str, seed: int) -> bool:
    return (run_folder(out, model, seed) / "summary.json").exists()


def _rehearse(settings: Settings, table: ImageTable, findings: tuple[str, ...]) -> None:
    policy = configure(settings.models[0], Path(), settings.labels, {}, "settings").policy
    given = settings.evaluation.model_dump() | {"replicates": 100}
    names = [models.short_name(model) for model in settings.models]
    options = Options(findings=findings, **given)
    data_checks.rehearse(table, findings, policy, options, names, settings.seeds)
