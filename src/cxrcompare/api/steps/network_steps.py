"""Networks: building, training, prediction and maps, and whole experiments."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxrcompare import extras
from cxrcompare.options.image_commands import Explain, MapMethod, Predict
from cxrcompare.predictions import read_predictions, split_name

if TYPE_CHECKING:
    from cxrcompare.explaining import Maps
    from cxrcompare.images.store import ImageStore
    from cxrcompare.predictions import Predictions


def build_model(
    name: str, findings: int = 14, image_size: int = 320, weights: str | os.PathLike[str] = "none"
) -> Any:
    """Returns a network that maps grey pixels to one logit per finding.

    Args:
        name: The network, see `cxrcompare models`, or `module:function`.
        findings: The number of findings F.
        image_size: The side of its input in pixels.
        weights: "none", "imagenet", or a weights file or run folder.

    Returns:
        A Keras model: (B, image_size, image_size, 1) in 0..255, to (B, F) logits.

    Raises:
        InputError: An argument is out of range, the weights do not fit, or Keras is not installed.
    """
    extras.need_training("build_model")
    from cxrcompare import models

    return models.build(name, findings, image_size, weights)


def train(
    model: str,
    store: ImageStore | str | os.PathLike[str],
    out: str | os.PathLike[str],
    seed: int = 0,
    **settings: Any,
) -> dict[str, Any]:
    """Trains one network on an image store; the same call continues an interrupted one.

    Args:
        model: The network, see `cxrcompare models`, or `module:function`.
        store: The image store, or its folder.
        out: The folder of the run.
        seed: Seeds initial weights, order and augmentation.
        settings: The options of `cxrcompare train` (docs/options.md): epochs, recipe, weights,
            image_size, findings, ...; those of a table by dotted key, `**{"labels.policy": ...}`.

    Returns:
        The summary of the training: its best epoch, its validation metric, its duration.

    Raises:
        InputError: A setting or the data is wrong, or Keras is not installed.
        JobError: The training failed.
    """
    extras.need_training("train")
    from cxrcompare.experiment import train_one

    folder = store if isinstance(store, str | os.PathLike) else store.folder
    return train_one(model, folder, out, seed, settings)


def predict(
    run: str | os.PathLike[str],
    images: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    split: str = Predict.split,
    max_rejected: float = Predict.max_rejected,
    strict: bool = Predict.strict,
    follow_links: bool = Predict.follow_links,
) -> Predictions:
    """Returns a trained network's probabilities for a store's split, or for files.

    Args:
        run: The folder of a finished training.
        images: An image store, an image or DICOM file, or a folder of such files.
        out: The CSV file to write, which must not exist; none by default.
        split: The split to predict, if `images` is a store.
        max_rejected: The share of a folder's files, 0 to 1, that may be undecodable.
        strict: Whether the first undecodable file is an error.
        follow_links: Whether links may lead out of a folder; if not, such files are rejected.

    Returns:
        The predictions, named after the run folder: `values` is (N, F) in [0, 1].

    Raises:
        InputError: `run` is not a finished training, `out` exists, or no file can be decoded.
        JobError: Too many files are undecodable.
    """
    extras.need_training("predict")
    from cxrcompare.training.predict import predict as write_predictions

    model, seed = split_name(Path(run).resolve().name)
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "predictions.csv" if out is None else Path(out)
        how: dict[str, Any] = {
            "max_rejected": max_rejected,
            "strict": strict,
            "follow_links": follow_links,
        }
        write_predictions(run, images, path, split, **how)
        found = read_predictions(path)
    if out is None:
        shown = f"<{Path(run).resolve().name}>"
        found = dataclasses.replace(found, path=Path(shown), stored=False)
    return dataclasses.replace(found, name=model, seed=seed)


def explain(
    run: str | os.PathLike[str],
    images: str | os.PathLike[str],
    out: str | os.PathLike[str] | None = None,
    *,
    split: str = Explain.split,
    findings: Sequence[str] = Explain.findings,
    shown: int = Explain.shown,
    method: MapMethod = Explain.method,
    follow_links: bool = Explain.follow_links,
) -> Maps:
    """Returns maps of what each part of an image adds to a trained network's logits.

    Args:
        run: The folder of a finished training.
        images: An image store, an image or DICOM file, or a folder of such files.
        out: The folder for maps, overlays and a page to browse them; none by default.
        split: The split to explain, if `images` is a store.
        findings: The findings to explain; all by default.
        shown: The number of images with overlays and on the page, if `out` is given.
        method: "class-map" (exact), or a contrast that approximates: "grad-cam++",
            "integrated-gradients" or "occlusion".
        follow_links: Whether links may lead out of a folder; if not, such files are rejected.

    Returns:
        The maps: `values` is (N, F, H, W), signed. The mean of a map and the finding's bias are the
        logit, for the head `linear` and maps without shifts.

    Raises:
        InputError: `run` is not a finished training, its network has another head, `out` holds
            other files, or no file can be decoded.
    """
    extras.need_training("explain")
    from cxrcompare.explaining import explain as write_maps

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "explanation" if out is None else Path(out)
        count = 1 if out is None else shown
        (found,) = write_maps(
            [run],
            images,
            folder,
            split=split,
            findings=findings,
            shown=count,
            method=method,
            follow_links=follow_links,
        )
    return found


def localise(
    runs: Sequence[str | os.PathLike[str]],
    store: ImageStore | str | os.PathLike[str],
    regions: str | os.PathLike[str] | None = None,
    *,
    readers: Sequence[str | os.PathLike[str]] = (),
    split: str = Explain.split,
) -> dict[str, pd.DataFrame]:
    """Measures maps of trained networks against masks or boxes of findings, with paired tests.

    Args:
        runs: The folders of finished trainings.
        store: The image store, or its folder.
        regions: A file of masks or boxes (CheXlocalize, NIH or VinDr-CXR); by default those in the
            folder of the data set.
        readers: Files of masks that readers drew, named after the readers.
        split: The split to measure.

    Returns:
        The tables that `cxrcompare explain` writes, by name: "localisation",
        "localisation_differences", ...

    Raises:
        InputError: A run is not a finished training, there are no regions, or the runs share no
            finding that has regions.
    """
    extras.need_training("localise")
    from cxrcompare.errors import InputError
    from cxrcompare.explaining.measured_runs import measure_runs
    from cxrcompare.images.prepare import open_store
    from cxrcompare.localisation.regions import finding_regions

    opened = open_store(store) if isinstance(store, str | os.PathLike) else store
    table = opened.table
    found = (
        finding_regions.in_data_set(table, split)
        if regions is None
        else finding_regions.in_file(Path(regions), table)
    )
    if found is None:
        raise InputError(
            f"`regions` must be given: the data set of {opened.folder} has no masks or boxes of "
            "findings. Received: none"
        )
    drawn = {path.stem: finding_regions.in_file(path, table) for path in map(Path, readers)}
    measured = measure_runs([*map(Path, runs)], opened, found, split, readers=drawn)
    return measured.tables()


def list_models() -> list[str]:
    """Returns the names of the networks that `train` and `build_model` know."""
    from cxrcompare import models

    return list(models.names())
