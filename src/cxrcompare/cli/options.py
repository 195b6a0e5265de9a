"""What each command takes: its words and options, and what they mean."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from cxrcompare.errors import InputError


class Parser(argparse.ArgumentParser):
    """Argparse, with errors as one line that says where help is."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Refuses what is not known here, where the command and so its help are known."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Refuses the words."""
        raise InputError(f"{message} (see {self.prog} --help)")


def add_run(option: Callable[..., Any]) -> None:
    """Adds the options of `run`."""
    option(
        "experiment",
        type=Path,
        nargs="?",
        metavar="EXPERIMENT.toml",
        help="a file with any of the settings below, and more",
    )
    option("--data", type=Path, metavar="DIR", help="the data set's folder (default: the sample)")
    option("--dataset", metavar="NAME", help="see `cxrcompare datasets` (default: recognised)")
    _add_columns(option)
    option("--models", type=_names, metavar="A,B", help="see `cxrcompare models`")
    option("--seeds", type=_numbers, metavar="0,1", help="seeds of each architecture")
    option("--store", type=Path, metavar="STORE", help="a store made by `cxrcompare prepare`")
    option("--image-size", dest="images.size", type=int, metavar="PX", help="side of the images")
    _add_training(option, "training.", "labels.")
    option(
        "--replicates",
        dest="evaluation.replicates",
        type=int,
        metavar="N",
        help="bootstrap replicates (default: 10000)",
    )
    option("--jobs", type=int, metavar="N", help="trainings at a time")
    option("--out", type=Path, metavar="DIR", help="the output folder (default: runs/NAME)")


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
    option("--epochs", dest=f"{training}epochs", type=int, metavar="N", help="epochs at most")
    option("--recipe", dest=f"{training}recipe", metavar="NAME", help="original or modern")
    option(
        "--weights",
        dest=f"{training}weights",
        metavar="imagenet|none|DIR",
        help="where the backbone's weights come from",
    )
    option("--findings", type=_findings, metavar="all|competition|A,B", help="what is learnt")
    option(
        "--policy",
        dest=f"{labels}policy",
        metavar="NAME",
        help="what uncertain labels become in training, e.g. u-ones",
    )
    option(
        "--deterministic",
        dest=f"{training}deterministic",
        action="store_true",
        default=None,
        help="bit-identical repetition, at a price in speed",
    )


def add_prepare(option: Callable[..., Any]) -> None:
    """Adds the options of `prepare`."""
    option("dataset_dir", type=Path, metavar="DATASET_DIR", help="the data set's folder")
    option("--out", type=Path, required=True, metavar="STORE", help="the store's folder")
    option("--dataset", metavar="NAME", help="see `cxrcompare datasets` (default: recognised)")
    option(
        "--columns",
        type=Path,
        metavar="FILE.toml",
        help="what the columns of one's own CSV hold, see docs/datasets.md",
    )
    _add_columns(option)
    option(
        "--findings",
        dest="columns.other_findings",
        type=_names,
        metavar="A,B",
        help="columns of one's own CSV that are findings of other names",
    )
    option("--size", type=int, default=320, metavar="PX", help="side of the images (default: 320)")
    option(
        "--max-rejected",
        type=float,
        default=0.01,
        metavar="SHARE",
        help="share of undecodable images above which the command fails (default: 0.01)",
    )
    option("--workers", type=_count, metavar="N", help="decoding workers (default: one a core)")
    option("--preview", type=_count, default=0, metavar="N", help="a contact sheet of N images too")


def add_train(option: Callable[..., Any]) -> None:
    """Adds the options of `train`."""
    option("model", metavar="MODEL", help="see `cxrcompare models`")
    option("--store", type=Path, required=True, metavar="STORE", help="the image store")
    option("--out", type=Path, required=True, metavar="RUN", help="the run folder")
    option("--seed", type=int, default=0, metavar="N", help="(default: 0)")
    _add_training(option, "", "")


def add_predict(option: Callable[..., Any]) -> None:
    """Adds the options of `predict`."""
    option("run", type=Path, metavar="RUN", help="the folder of a finished training")
    option("input", type=Path, metavar="INPUT", help="a store, an image or DICOM file, or a folder")
    option(
        "--out",
        type=Path,
        required=True,
        metavar="FILE",
        help="the predictions, .csv; must be a new file",
    )
    option(
        "--split",
        choices=("train", "valid", "test"),
        default="test",
        help="of a store (default: test)",
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
    option("--out", type=Path, required=True, metavar="DIR", help="the data set's folder")
    option("--images", type=int, default=1500, metavar="N", help="over all splits (default: 1500)")
    option("--size", type=int, default=320, metavar="PX", help="side of the images (default: 320)")
    option("--seed", type=int, default=0, metavar="N", help="(default: 0)")
    option(
        "--shortcuts",
        type=_names,
        default=[],
        metavar="drain,marker",
        help="what goes with a finding in training and does not in test",
    )
    option("--masks", action="store_true", help="also where each finding is, masks/*.png")


def add_compare(option: Callable[..., Any]) -> None:
    """Adds the options of `compare`."""
    option(
        "predictions",
        type=Path,
        nargs="+",
        metavar="PREDICTIONS",
        help="a file per model; name__seed3.csv is seed 3 of name",
    )
    option("--reference", type=Path, required=True, metavar="FILE", help="1, 0 or blank a finding")
    option(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="the comparison's folder: new, empty, or an earlier comparison",
    )
    option("--readers", type=Path, nargs="+", default=(), metavar="FILE", help="a file per reader")
    option("--findings", type=_findings, default="all", metavar="all|competition|A,B", help="which")
    option("--unit", choices=("study", "image"), default="study", help="(default: study)")
    option(
        "--views",
        dest="views_rule",
        choices=("max", "mean"),
        default="max",
        help="how the views of a study become one probability (default: max)",
    )
    option("--replicates", type=int, default=10_000, metavar="N", help="(default: 10000)")
    option("--level", type=float, default=0.95, help="of the intervals (default: 0.95)")
    option("--seed", type=int, default=0, metavar="N", help="of the resampling (default: 0)")
    option(
        "--interval",
        choices=("percentile", "bca"),
        default="percentile",
        help="(default: percentile)",
    )
    option(
        "--correction",
        choices=("holm", "fdr"),
        default="holm",
        help="of p-values for many tests (default: holm)",
    )
    option("--margin", type=float, metavar="AUROC", help="test non-inferiority by this margin")
    option(
        "--validation",
        type=Path,
        nargs="+",
        default=(),
        metavar="FILE",
        help="predictions to choose thresholds and calibration on",
    )
    option("--validation-reference", type=Path, metavar="FILE", help="their reference standard")
    option(
        "--threshold-rule",
        metavar="RULE",
        help="youden, f1, sensitivity=0.9 or specificity=0.9, on validation (default: youden)",
    )
    option("--subgroups", type=Path, metavar="FILE", help="sex, age band, view, ... by id")
    option(
        "--minimum-cell",
        type=int,
        default=10,
        metavar="N",
        help="positives and negatives a subgroup needs to be compared (default: 10)",
    )
    option("--scores", action="store_true", help="scores of any range, no calibration")
    option("--bins", type=int, default=15, metavar="N", help="of the ECE (default: 15)")
    option(
        "--power",
        type=float,
        default=0.8,
        help="of the minimum detectable difference (default: 0.8)",
    )


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
