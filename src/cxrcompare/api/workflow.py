"""Data sets, stores, training and prediction: what the command line does, from Python."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrcompare import extras
from cxrcompare.options.command_tables import Explain, Predict, Prepare, Sample
from cxrcompare.predictions import read_predictions, split_name

if TYPE_CHECKING:
    from cxrcompare.explaining import Maps
    from cxrcompare.image_table import ImageTable
    from cxrcompare.images.store import ImageStore
    from cxrcompare.predictions import Predictions


def make_sample(
    folder: str | os.PathLike[str],
    images: int = Sample.images,
    size: int = Sample.size,
    seed: int = Sample.seed,
    *,
    shortcuts: Sequence[str] = Sample.shortcuts,
    shortcut_strength: float | None = Sample.shortcut_strength,
    shortcuts_in_test: str = Sample.shortcuts_in_test,
    masks: bool = Sample.masks,
) -> Path:
    """Writes the embedded sample: synthetic radiographs as a data set in CheXpert's layout.

    Args:
        folder: The folder of the sample; an existing sample is replaced, nothing else is.
        images: Number of images in all splits, at least 10.
        size: Longer side of each image in pixels, 32 to 1024.
        seed: Seed of all random numbers.
        shortcuts: Spurious correlations to plant: "drain", "marker" or "marker:FINDING".
        shortcut_strength: Share of the images with the finding that have the marker or drain, in
            [0.5, 1]; by default 0.9 of the marker and 1 of the drain.
        shortcuts_in_test: Whether they are "broken" or "kept" in the test images.
        masks: Whether to write masks of the findings, lungs and heart.

    Returns:
        The folder.

    Raises:
        InputError: A number is out of range, the folder contains something else, or the extra
            `images` is not installed.
    """
    extras.need("make_sample", "images")
    from cxrcompare.synthetic import write_sample

    return write_sample(
        Path(folder),
        images=images,
        size=size,
        seed=seed,
        shortcuts=tuple(shortcuts),
        shortcut_strength=shortcut_strength,
        shortcuts_in_test=shortcuts_in_test,
        masks=masks,
    )


def read_dataset(
    folder: str | os.PathLike[str],
    dataset: str | None = None,
    *,
    findings: str | Sequence[str] = "all",
    columns: Mapping[str, Any] | str | os.PathLike[str] | None = None,
) -> ImageTable:
    """Reads the images of a data set with their metadata and labels; opens no image.

    Args:
        folder: The folder of the data set.
        dataset: The name, see `cxrcompare datasets`; by default it is recognised by its layout.
        findings: The findings of your own label file; others ignore it.
        columns: The meaning of the columns of your own label file: a dict, or a TOML file
            (docs/datasets.md).

    Returns:
        The table: `rows` is a data frame with a row per image, `findings` their names.

    Raises:
        InputError: The layout is not recognised, or a file is not valid; the message names file
            and row.
    """
    from cxrcompare import datasets, experiment

    own = None
    if isinstance(columns, Mapping):
        own = experiment.load_columns(None, {f"columns.{name}": columns[name] for name in columns})
    elif columns is not None:
        own = experiment.load_columns(Path(columns), {})
    return datasets.read(dataset, folder, own, findings)


def prepare(
    data: ImageTable | str | os.PathLike[str],
    store: str | os.PathLike[str],
    size: int = Prepare.size,
    *,
    workers: int | None = Prepare.workers,
    max_rejected: float = Prepare.max_rejected,
) -> ImageStore:
    """Decodes every image of a data set once into an image store; splits it by patient.

    The same call continues an interrupted one.

    Args:
        data: A table from `read_dataset`, or the folder of a data set.
        store: The folder of the store: new, empty, or a store of the same data.
        size: Side of the square images in pixels, 1 to 4096.
        workers: Number of decoding processes; by default one per core.
        max_rejected: The largest share of images, 0 to 1, that may be undecodable.

    Returns:
        The store: `images` is (N, size, size) uint8, `table` has a row per image.

    Raises:
        InputError: Too many images are rejected, or an argument is not valid.
        JobError: The store cannot be written.
    """
    extras.need("prepare", "images")
    from cxrcompare.images.prepare import prepare as decode
    from cxrcompare.labels import splits

    table = read_dataset(data) if isinstance(data, str | os.PathLike) else data
    found = decode(splits.assign(table), store, size, workers=workers, max_rejected=max_rejected)
    splits.check_disjoint(found.table, found.hashes)
    return found


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
) -> Predictions:
    """Returns a trained network's probabilities for a store's split, or for files.

    Args:
        run: The folder of a finished training.
        images: An image store, an image or DICOM file, or a folder of such files.
        out: The CSV file to write, which must not exist; none by default.
        split: The split to predict, if `images` is a store.
        max_rejected: The share of a folder's files, 0 to 1, that may be undecodable.
        strict: Whether the first undecodable file is an error.

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
        write_predictions(run, images, path, split, max_rejected=max_rejected, strict=strict)
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
) -> Maps:
    """Returns maps of what each part of an image adds to a trained network's logits.

    Args:
        run: The folder of a finished training.
        images: An image store, an image or DICOM file, or a folder of such files.
        out: The folder for maps, overlays and a page to browse them; none by default.
        split: The split to explain, if `images` is a store.
        findings: The findings to explain; all by default.
        shown: The number of images with overlays and on the page, if `out` is given.

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
        (found,) = write_maps([run], images, folder, split=split, findings=findings, shown=count)
    return found


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
