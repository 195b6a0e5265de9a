"""The main job: store, trainings, references, comparison, report; each step once."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from cxrcompare import datasets, files, models, output_checks, output_folder
from cxrcompare import findings as vocabulary
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.comparison.result.writing import KIND, write
from cxrcompare.errors import InputError
from cxrcompare.experiment.references import (
    context,
    without_metadata,
    write_reference,
    write_subgroups,
)
from cxrcompare.experiment.settings import Settings, configure, with_options
from cxrcompare.experiment.trainings import train_all
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import ImageStore, open_store, prepare
from cxrcompare.labels import splits
from cxrcompare.reporting.report import fill
from cxrcompare.training.run_config import RunConfig

logger = logging.getLogger(__name__)

_NAMES = (
    "experiment.json",
    "sample",
    ".sample.*",
    "store",
    "comparison",
    ".comparison.*",
    "*__seed[0-9]*",
)
"""What lies directly in the output folder."""

_OF_TRAINING = {"name", "findings", "labels", "training"}
"""Settings that sample and store do not depend on."""


def run(settings: Settings, out: str | os.PathLike[str], command: str | None = None) -> Comparison:
    """Trains, evaluates, compares and reports; continues what an earlier call left unfinished.

    Args:
        settings: What to do.
        out: The output folder: `store/`, a run folder `<model>__seed<N>/` each, `comparison/`.
        command: What the user typed, for the protocol.

    Raises:
        InputError: A setting or the data is wrong, or `out` holds another experiment.
        JobError: A training failed.
    """
    out = Path(out)
    given = _given(settings)
    _check(settings, given)
    _check_folder(settings, out)
    for line in _decisions(given):
        logger.info(line)
    out.mkdir(parents=True, exist_ok=True)
    lock = FileLock(out / ".lock")
    try:
        with lock.acquire(timeout=0):
            return _run(settings, given, out, command)
    except Timeout as error:
        raise InputError(f"{out}: must not be in use by another `cxrcompare run`") from error


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
    told = with_options({}, options, None)
    labels, chosen = told.pop("labels", {}), told.pop("findings", "all")
    train(_config(model, seed, opened, chosen, labels, told), out)
    summary: dict[str, Any] = files.read_json(out / "summary.json")
    return summary


def _run(
    settings: Settings, given: ImageStore | ImageTable | None, out: Path, command: str | None
) -> Comparison:
    _pin(settings, out / "experiment.json")
    store = given if isinstance(given, ImageStore) else _prepared(settings, out, given)
    splits.check_disjoint(store.table, store.hashes)
    _need_splits(store.table)
    told = (settings.findings, settings.labels, settings.training)
    requests = [
        (out / f"{model}__seed{seed}", _config(model, seed, store, *told).model_dump(mode="json"))
        for model in settings.models
        for seed in settings.seeds
    ]
    train_all(requests, settings.jobs)
    runs = [folder for folder, _ in requests]
    with output_folder.replacing(out / "comparison", KIND) as folder:
        comparison = _compare(settings, store, runs, folder, command)
        write(comparison, folder)
        fill(comparison, folder)
    return comparison


def _pin(settings: Settings, file: Path) -> None:
    """One folder holds one experiment, to which models and seeds may be added; others refused.

    As long as no network has learnt anything, what is said of the training may still be mended.
    """
    asked = settings.model_dump(mode="json", exclude={"jobs", "evaluation"})
    if file.exists():
        before = files.read_json(file)
        fixed = asked.keys() - {"models", "seeds"}
        default = Settings().model_dump(mode="json")
        changed = sorted(key for key in fixed if before.get(key, default[key]) != asked[key])
        begun = next(file.parent.glob("*/history.csv"), None) is not None
        if changed and (begun or not _OF_TRAINING.issuperset(changed)):
            raise InputError(
                f"{file.parent}: holds another experiment, which differs in {', '.join(changed)}; "
                "give the same settings to continue it, or another --out"
            )
    files.write_json(file, asked)


def _check_folder(settings: Settings, out: Path) -> None:
    """Refuses a folder with anything that is not of an earlier `run`, before any work."""
    from cxrcompare.training.train import check_folder

    marks = {"experiment.json": "models"}
    output_checks.check_continued(out, "folder of an experiment", _NAMES, marks)
    output_folder.check(out / "comparison", KIND)
    for model in settings.models:
        for seed in settings.seeds:
            check_folder(out / f"{model}__seed{seed}")


def _given(settings: Settings) -> ImageStore | ImageTable | None:
    """Returns the user's store or data set; None for the sample. A wrong path pins nothing."""
    if settings.columns.model_fields_set and (settings.data is None or settings.store is not None):
        what = "a store, whose columns are known" if settings.store else "no data set"
        raise InputError(f"`columns` must be given with `data` alone. Received: {what}")
    if settings.store is not None:
        return open_store(settings.store)
    if settings.data is None:
        return None
    return datasets.read(settings.dataset, settings.data, settings.columns, settings.findings)


def _decisions(given: ImageStore | ImageTable | None) -> list[str]:
    if given is None:
        return []
    return datasets.decisions(given.table if isinstance(given, ImageStore) else given)


def _check(settings: Settings, given: ImageStore | ImageTable | None) -> None:
    """Refuses what would only be found out after every image is decoded."""
    table = given.table if isinstance(given, ImageStore) else given
    vocabulary.select(settings.findings, vocabulary.CHEXPERT if table is None else table.findings)
    default = "imagenet" if table is not None else "none"
    for model in settings.models:
        models.starting_weights(model, str(settings.training.get("weights", default)))


def _prepared(settings: Settings, out: Path, data: ImageTable | None) -> ImageStore:
    if data is None:
        from cxrcompare.synthetic import write_sample

        folder = out / "sample"
        if not folder.exists():
            sample = settings.sample
            write_sample(folder, sample.images, settings.images.size, sample.seed)
        data = datasets.read("chexpert", folder)
    shares = settings.splits.model_dump()
    table = splits.assign(data, seed=shares.pop("seed"), fractions=shares)
    return prepare(
        table, out / "store", settings.images.size, max_rejected=settings.images.max_rejected
    )


def _need_splits(table: ImageTable) -> None:
    missing = {"train", "valid", "test"} - set(table.rows["split"])
    if missing:
        raise InputError(
            f"the store must hold train, valid and test images. Received no {sorted(missing)}"
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
    told = {**training, "seed": seed, "findings": chosen}
    return configure(model, store.folder.resolve(), labels, told, "settings")


def _compare(
    settings: Settings, store: ImageStore, runs: list[Path], out: Path, command: str | None
) -> Comparison:
    labels = configure(settings.models[0], store.folder, settings.labels, {}, "settings").policy
    findings = vocabulary.select(settings.findings, store.table.findings)
    for split in ("valid", "test"):
        write_reference(store.table, findings, labels, split, out / f"reference-{split}.csv")
    subgroups = out / "subgroups.csv"
    notes = without_metadata(write_subgroups(store.table, subgroups))
    return compare(
        [folder / "predictions" / "test.csv" for folder in runs],
        out / "reference-test.csv",
        validation=[folder / "predictions" / "valid.csv" for folder in runs],
        validation_reference=out / "reference-valid.csv",
        subgroups=subgroups if subgroups.exists() else None,
        options=Options(findings=findings, **settings.evaluation.model_dump()),
        context=context(store, findings, labels)
        | {"title": settings.name, "command": command, "notes": notes},
    )
