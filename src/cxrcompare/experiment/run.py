"""Runs an experiment: store, trainings, references, comparison and report, each step once."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from cxrcompare import datasets
from cxrcompare import findings as vocabulary
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.comparison.result.saving import KIND, write
from cxrcompare.errors import InputError
from cxrcompare.experiment.case_images import ON_THE_SAMPLE, add_cases
from cxrcompare.experiment.checking import Checked, check, run_folder
from cxrcompare.experiment.data_checks import near_duplicates_line, rejected_line, split_line
from cxrcompare.experiment.localising import with_localisation
from cxrcompare.experiment.reading_settings import configure, with_options
from cxrcompare.experiment.references import (
    context,
    near_duplicates_note,
    without_metadata,
    write_reference,
    write_subgroups,
)
from cxrcompare.experiment.settings import Settings
from cxrcompare.experiment.trainings import train_all
from cxrcompare.explaining.loaded_networks import LoadedNetworks
from cxrcompare.filesystem import files, locks, output_folder
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import ImageStore, open_store, prepare
from cxrcompare.labels import splits
from cxrcompare.reporting.report import fill
from cxrcompare.training.run_config import RunConfig

logger = logging.getLogger(__name__)

_OF_TRAINING = {"name", "findings", "labels", "training"}
"""Settings that do not affect the sample and the store."""


def run(settings: Settings, out: str | os.PathLike[str], command: str | None = None) -> Comparison:
    """Trains, evaluates, compares and reports; resumes an interrupted experiment.

    Args:
        settings: The settings of the experiment.
        out: The output folder, for `store/`, run folders `<model>__seed<N>/` and `comparison/`.
        command: The command line, for the protocol.

    Raises:
        InputError: A setting or the data is wrong, or `out` holds another experiment.
        JobError: A training failed.
    """
    out = Path(out)
    checked = check(settings, out)
    for line in checked.lines:
        logger.info(line)
    with locks.locked(out / ".lock", out, "`cxrcompare run`"):
        return _run(settings, checked, out, command)


def train_one(
    model: str,
    store: str | os.PathLike[str],
    out: str | os.PathLike[str],
    seed: int,
    options: dict[str, Any],
) -> dict[str, Any]:
    """Trains one network on a store and returns its summary.

    Args:
        model: The architecture.
        store: The image store's folder.
        out: The run folder.
        seed: Seeds initial weights, order and augmentation.
        options: "findings", settings of `RunConfig`, and those of `Policy` with "labels." before
            them; those of a table by dotted key.
    """
    from cxrcompare.training.train import check_folder, train

    out = Path(out)

    check_folder(out)
    opened = open_store(store)
    splits.check_disjoint(opened.table, opened.hashes)
    given = with_options({}, options, None)
    labels, chosen = given.pop("labels", {}), given.pop("findings", "all")
    train(_config(model, seed, opened, chosen, labels, given), out)
    summary: dict[str, Any] = files.read_json(out / "summary.json")
    return summary


def _run(settings: Settings, checked: Checked, out: Path, command: str | None) -> Comparison:
    _pin(settings, out / "experiment.json")
    store = checked.store or _prepared(settings, out, checked.table)
    splits.check_disjoint(store.table, store.hashes)
    for line in (split_line(store.table), rejected_line(store), near_duplicates_line(store)):
        logger.info(line)
    shared = (settings.findings, settings.labels, settings.training)
    requests = [
        (
            run_folder(out, model, seed),
            _config(model, seed, store, *shared).model_dump(mode="json"),
        )
        for model in settings.models
        for seed in settings.seeds
    ]
    train_all(requests, settings.jobs)
    runs = [folder for folder, _ in requests]
    with output_folder.replacing(out / "comparison", KIND) as folder:
        comparison = _compare(settings, store, runs, folder, command)
        options = Options(findings=comparison.findings, **settings.evaluation.model_dump())
        makers = LoadedNetworks()
        comparison = with_localisation(comparison, runs, store, options, makers)
        write(comparison, folder)
        add_cases(comparison, store, runs, folder, _cases(settings, store), makers)
        fill(comparison, folder)
    return comparison


def _cases(settings: Settings, store: ImageStore) -> int:
    """Returns the number of cases of each rule and finding."""
    if settings.cases is not None:
        return settings.cases
    return ON_THE_SAMPLE if store.table.notes.get("synthetic") else 0


def _pin(settings: Settings, file: Path) -> None:
    """Writes the settings to the output folder, or checks that it holds the same experiment.

    Models and seeds may be added. Settings of the training may change until a network has trained
    an epoch.

    Raises:
        InputError: The folder holds an experiment with other settings.
    """
    requested = settings.model_dump(mode="json", exclude={"jobs", "evaluation", "cases"})
    if file.exists():
        before = files.read_json(file)
        fixed = requested.keys() - {"models", "seeds"}
        default = Settings().model_dump(mode="json")
        changed = sorted(key for key in fixed if before.get(key, default[key]) != requested[key])
        has_started = next(file.parent.glob("*/history.csv"), None) is not None
        if changed and (has_started or not _OF_TRAINING.issuperset(changed)):
            raise InputError(
                f"{file.parent}: holds another experiment, which differs in {', '.join(changed)}; "
                "give the same settings to continue it, or another --out"
            )
    files.write_json(file, requested)


def _prepared(settings: Settings, out: Path, table: ImageTable | None) -> ImageStore:
    if table is None:
        from cxrcompare.synthetic import write_sample

        folder = out / "sample"
        if not folder.exists():
            sample = settings.sample
            write_sample(folder, sample.images, settings.images.size, sample.seed, masks=True)
        shares = settings.splits.model_dump()
        table = splits.assign(
            datasets.read("chexpert", folder), seed=shares.pop("seed"), fractions=shares
        )
    return prepare(
        table, out / "store", settings.images.size, max_rejected=settings.images.max_rejected
    )


def _config(
    model: str,
    seed: int,
    store: ImageStore,
    findings: Any,
    labels: dict[str, Any],
    training: dict[str, Any],
) -> RunConfig:
    chosen = vocabulary.select(findings, store.table.findings)
    given = {**training, "seed": seed, "findings": chosen}
    return configure(model, store.folder.resolve(), labels, given, "settings")


def _compare(
    settings: Settings, store: ImageStore, runs: list[Path], out: Path, command: str | None
) -> Comparison:
    labels = configure(settings.models[0], store.folder, settings.labels, {}, "settings").policy
    findings = vocabulary.select(settings.findings, store.table.findings)
    for split in ("valid", "test"):
        write_reference(store.table, findings, labels, split, out / f"reference-{split}.csv")
    subgroups = out / "subgroups.csv"
    notes = (
        *without_metadata(write_subgroups(store.table, findings, labels, subgroups)),
        *near_duplicates_note(store),
    )
    return compare(
        [folder / "predictions" / "test.csv" for folder in runs],
        out / "reference-test.csv",
        validation=[folder / "predictions" / "valid.csv" for folder in runs],
        validation_reference=out / "reference-valid.csv",
        subgroups=subgroups if subgroups.exists() else None,
        options=Options(findings=findings, **settings.evaluation.model_dump()),
        context=context(store, findings, labels, runs)
        | {"title": settings.name, "command": command, "notes": notes},
    )
