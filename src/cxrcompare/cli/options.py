"""The arguments and options of each command, with their help texts."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from cxrcompare.errors import InputError


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line that names the help command."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Raises InputError for unknown arguments, with the help of the current command."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Raises InputError with the message."""
        raise InputError(f"{message} (see {self.prog} --help)")


def add_run(option: Callable[..., Any]) -> None:
    """Adds the options of `run`."""
    option(
        "experiment",
        type=Path,
        nargs="?",
        metavar="EXPERIMENT.toml",
        help="a file with any of the settings below and further ones",
    )
    option("--data", type=Path, metavar="DIR", help="folder of the data set (default: the sample)")
    option(
        "--dataset",
        metavar="NAME",
        help="name of the data set, see `cxrcompare datasets` (default: detected)",
    )
    _add_columns(option)
    option(
        "--models",
        type=_names,
        metavar="A,B",
        help="architectures to train, see `cxrcompare models`",
    )
    option("--seeds", type=_numbers, metavar="0,1", help="seeds; each architecture gets all")
    option("--store", type=Path, metavar="STORE", help="image store of `cxrcompare prepare`")
    option(
        "--image-size",
        dest="images.size",
        type=int,
        metavar="PX",
        help="side of the images in pixels",
    )
    _add_training(option, "training.", "labels.")
    option(
        "--replicates",
        dest="evaluation.replicates",
        type=int,
        metavar="N",
        help="number of bootstrap replicates (default: 10000)",
    )
    option("--jobs", type=int, metavar="N", help="number of parallel trainings")
    option("--out", type=Path, metavar="DIR", help="output folder (default: runs/NAME)")


def _add_columns(option: Callable[..., Any]) -> None:
    """Adds what is said of the columns of one's own CSV, the data set `folder`."""
    option(
        "--patient-column",
        dest="columns.patient",
        metavar="NAME",
        help="the column of one's own CSV that names patients",
    )
    option(
        "--image-is-patient",
        dest="columns.image_is_patient",
        action="store_true",
        default=None,
        help="each image of one's own CSV is of another patient",
    )
    option(
        "--all-columns",
        dest="columns.all_columns",
        action="store_true",
        default=None,
        help="every column of one's own CSV with 1, 0, -1 or blank is a finding",
    )


def _add_training(option: Callable[..., Any], training: str, labels: str) -> None:
    option(
        "--epochs",
        dest=f"{training}epochs",
        type=int,
        metavar="N",
        help="maximum number of epochs",
    )
    option(
        "--recipe",
        dest=f"{training}recipe",
        metavar="NAME",
        help="default training settings: original or modern",
    )
    option(
        "--weights",
        dest=f"{training}weights",
        metavar="imagenet|none|PATH",
        help="initial weights; PATH is a weights file, a folder with one, or a finished run",
    )
    option("--findings", type=_findings, metavar="all|competition|A,B", help="findings to learn")
    option(
        "--policy",
        dest=f"{labels}policy",
        metavar="NAME",
        help="policy for uncertain labels in training, e.g. u-ones",
    )
    option(
        "--deterministic",
        dest=f"{training}deterministic",
        action="store_true",
        default=None,
        help="make repeated runs bit-identical (slower)",
    )


def add_prepare(option: Callable[..., Any]) -> None:
    """Adds the options of `prepare`."""
    option("dataset_dir", type=Path, metavar="DATASET_DIR", help="folder of the data set")
    option("--out", type=Path, required=True, metavar="STORE", help="folder of the store")
    option(
        "--dataset",
        metavar="NAME",
        help="name of the data set, see `cxrcompare datasets` (default: detected)",
    )
    option(
        "--columns",
        type=Path,
        metavar="FILE.toml",
        help="meaning of the columns of your own CSV, see docs/datasets.md",
    )
    _add_columns(option)
    option(
        "--findings",
        dest="columns.other_findings",
        type=_names,
        metavar="A,B",
        help="columns of your own CSV that are findings of other names",
    )
    option(
        "--size",
        type=int,
        default=320,
        metavar="PX",
        help="side of the images in pixels (default: 320)",
    )
    option(
        "--max-rejected",
        type=float,
        default=0.01,
        metavar="SHARE",
        help="share of undecodable images above which the command fails (default: 0.01)",
    )
    option(
        "--workers",
        type=_count,
        metavar="N",
        help="number of decoding processes (default: one per core)",
    )
    option(
        "--preview",
        type=_count,
        default=0,
        metavar="N",
        help="also write a contact sheet of N images",
    )


def add_train(option: Callable[..., Any]) -> None:
    """Adds the options of `train`."""
    option("model", metavar="MODEL", help="architecture, see `cxrcompare models`")
    option("--store", type=Path, required=True, metavar="STORE", help="image store")
    option("--out", type=Path, required=True, metavar="RUN", help="folder of the run")
    option("--seed", type=int, default=0, metavar="N", help="seed of the training (default: 0)")
    _add_training(option, "", "")


def add_predict(option: Callable[..., Any]) -> None:
    """Adds the options of `predict`."""
    option("run", type=Path, metavar="RUN", help="folder of a finished training")
    option("input", type=Path, metavar="INPUT", help="a store, an image or DICOM file, or a folder")
    option(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="CSV file for the predictions; must be a new file",
    )
    option(
        "--split",
        choices=("train", "valid", "test"),
        default="test",
        help="split of the store to predict (default: test)",
    )
    option(
        "--max-rejected",
        type=float,
        default=0.01,
        metavar="SHARE",
        help="share of a folder's undecodable files above which the exit status is 1 "
        "(default: 0.01)",
    )
    option(
        "--strict", action="store_true", help="fail on the first undecodable file and write nothing"
    )


def add_sample(option: Callable[..., Any]) -> None:
    """Adds the options of `sample`."""
    option("--out", type=Path, required=True, metavar="DIR", help="folder of the data set")
    option(
        "--images",
        type=int,
        default=1500,
        metavar="N",
        help="number of images in all splits (default: 1500)",
    )
    option(
        "--size",
        type=int,
        default=320,
        metavar="PX",
        help="longer side of the images in pixels (default: 320)",
    )
    option("--seed", type=int, default=0, metavar="N", help="seed of the sample (default: 0)")
    option(
        "--shortcuts",
        type=_names,
        default=[],
        metavar="drain,marker",
        help="spurious correlations to add in training and validation",
    )
    option(
        "--masks", action="store_true", help="also write masks of the findings' areas, masks/*.png"
    )


def add_compare(option: Callable[..., Any]) -> None:
    """Adds the options of `compare`."""
    option(
        "predictions",
        type=Path,
        nargs="+",
        metavar="PREDICTIONS",
        help="one prediction file per model; name__seed3.csv is seed 3 of name",
    )
    option(
        "--reference",
        type=Path,
        required=True,
        metavar="FILE",
        help="reference standard: 1, 0 or blank for each finding",
    )
    option(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="output folder: new, empty, or an earlier comparison",
    )
    option(
        "--readers",
        type=Path,
        nargs="+",
        default=(),
        metavar="FILE",
        help="labels of human readers, one file per reader",
    )
    option(
        "--findings",
        type=_findings,
        default="all",
        metavar="all|competition|A,B",
        help="findings to compare (default: all)",
    )
    option(
        "--unit",
        choices=("study", "image"),
        default="study",
        help="unit of the comparison (default: study)",
    )
    option(
        "--views",
        dest="views_rule",
        choices=("max", "mean"),
        default="max",
        help="how to combine the views of a study (default: max)",
    )
    option(
        "--replicates",
        type=int,
        default=10_000,
        metavar="N",
        help="number of bootstrap replicates (default: 10000)",
    )
    option(
        "--level", type=float, default=0.95, help="level of confidence intervals (default: 0.95)"
    )
    option("--seed", type=int, default=0, metavar="N", help="seed of the resampling (default: 0)")
    option(
        "--interval",
        choices=("percentile", "bca"),
        default="percentile",
        help="kind of bootstrap interval (default: percentile)",
    )
    option(
        "--correction",
        choices=("holm", "fdr"),
        default="holm",
        help="correction of p-values for multiple tests (default: holm)",
    )
    option("--margin", type=float, metavar="AUROC", help="margin for a test of non-inferiority")
    option(
        "--validation",
        type=Path,
        nargs="+",
        default=(),
        metavar="FILE",
        help="validation predictions, for thresholds and calibration",
    )
    option(
        "--validation-reference",
        type=Path,
        metavar="FILE",
        help="reference standard of the validation predictions",
    )
    option(
        "--threshold-rule",
        metavar="RULE",
        help="how to choose thresholds on validation: youden, f1, sensitivity=0.9 or "
        "specificity=0.9 (default: youden)",
    )
    option("--subgroups", type=Path, metavar="FILE", help="sex, age band, view, ... of each id")
    option(
        "--minimum-cell",
        type=int,
        default=10,
        metavar="N",
        help="smallest number of positives and of negatives in a subgroup (default: 10)",
    )
    option(
        "--scores",
        action="store_true",
        help="predictions are scores of any range, not probabilities; skips calibration",
    )
    option(
        "--bins", type=int, default=15, metavar="N", help="number of bins of the ECE (default: 15)"
    )
    option(
        "--power",
        type=float,
        default=0.8,
        help="power for the minimum detectable difference (default: 0.8)",
    )


def add_doctor(option: Callable[..., Any]) -> None:
    """Adds the options of `doctor`."""
    option(
        "predictions",
        type=Path,
        nargs="+",
        metavar="PREDICTIONS",
        help="prediction files, from any program",
    )
    option("--reference", type=Path, required=True, metavar="FILE", help="their reference standard")
    option(
        "--apply",
        type=_names,
        metavar="A,B",
        help="repairs to apply to one file: ids, extra, logits, percent, sigmoid, clip, inverted, "
        "columns or rows",
    )
    option("--out", type=Path, metavar="FILE", help="new CSV file for the corrected predictions")


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text: str) -> list[int]:
    try:
        return [int(word) for word in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"must be whole numbers separated by commas. Received: {text}"
        ) from error


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, 1 or more. Received: {text}")
    return int(text)


def _findings(text: str) -> str | list[str]:
    return text if text in ("all", "competition") else _names(text)
