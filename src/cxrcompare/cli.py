"""The command line: parse, call, print; nothing else. Rooms are imported when a command runs."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from cxrcompare import __version__, border
from cxrcompare.border import say, show
from cxrcompare.errors import InputError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status: 0 done, 1 the job failed, 2 wrong input.

    Args:
        arguments: The words after `cxrcompare`; those of the process by default.
    """

    def work() -> None:
        chosen = vars(_parser().parse_args(arguments))
        chosen.pop("command")(**chosen)

    return border.run(work)


def run(experiment: Path | None, out: Path | None, **options: Any) -> None:
    """Train several architectures with several seeds, evaluate, compare and report.

    With no argument: the five architectures on the embedded synthetic sample. The same command
    continues what an earlier one left unfinished. An option beats the file, which beats the
    default.
    """
    from cxrcompare import experiment as room
    from cxrcompare.comparison.summary import summary_table

    chosen = room.load(experiment, _given(options))
    folder = out or Path("runs") / chosen.name
    show(summary_table(room.run(chosen, folder, _command())))
    say(f"report: {folder / 'comparison' / 'report.html'}")


def prepare(
    dataset_dir: Path, out: Path, dataset: str | None, preview: int, **options: Any
) -> None:
    """Decode every image of a data set once into an image store.

    The same command continues an interrupted one.
    """
    from cxrcompare import datasets
    from cxrcompare.images.store import prepare as decode
    from cxrcompare.labels import splits

    table = splits.assign(datasets.read(dataset, dataset_dir))
    store = decode(table, out, **options)
    splits.check_disjoint(store.table, store.hashes)
    if preview:
        from cxrcompare.images.preview import preview as contact_sheet

        contact_sheet(store, preview, out / "preview.png")
    counts = [
        [str(name), *(f"{part[key].nunique():,}" for key in ("image_id", "study_id", "patient_id"))]
        for name, part in store.table.rows.groupby("split", sort=False)
    ]
    show([["split", "images", "studies", "patients"], *counts])
    say(f"rejected: {len(table) - len(store.table)} of {len(table):,} images; store: {out}")


def train(model: str, store: Path, out: Path, seed: int, **options: Any) -> None:
    """Train one network on an image store.

    The same command continues an interrupted training.
    """
    from cxrcompare import experiment as room

    summary = room.train_one(model, store, out, seed, _given(options))
    show([[key, f"{v:.4g}" if isinstance(v, float) else str(v)] for key, v in summary.items()])


def predict(run: Path, input: Path, out: Path, split: str) -> None:
    """Write a trained network's probabilities for a store's split, or for image or DICOM files."""
    from cxrcompare.training.predict import predict as room

    room(run, input, out, split=split)
    say(f"predictions: {out}")


def compare(predictions: list[Path], reference: Path, out: Path, **options: Any) -> None:
    """Compare prediction files, whoever made them: which models differ, and by how much."""
    from cxrcompare.comparison.compare import Options
    from cxrcompare.comparison.compare import compare as room
    from cxrcompare.comparison.summary import summary_table
    from cxrcompare.comparison.write import write
    from cxrcompare.reporting.report import write_report

    others = ("validation", "validation_reference", "readers", "subgroups")
    files = {key: options.pop(key) for key in others}
    context = {"command": _command()}
    found = room(predictions, reference, options=Options(**options), context=context, **files)
    write(found, out)
    write_report(found, out)
    show(summary_table(found))
    say(f"report: {out / 'report.html'}")


def report(folder: Path) -> None:
    """Write the report of a finished comparison again."""
    from cxrcompare.comparison.result import read
    from cxrcompare.reporting.report import write_report

    write_report(read(folder / "comparison.json"), folder)
    say(f"report: {folder / 'report.html'}")


def sample(out: Path, **options: Any) -> None:
    """Write the embedded sample: synthetic radiographs as a data set in the CheXpert layout."""
    from cxrcompare.datasets.phantom import write_sample

    write_sample(out, **options)
    say(f"synthetic sample: {out}")


def models() -> None:
    """List the architectures that can be named, one a line."""
    from cxrcompare.models import describe

    print("\n".join(describe()))


def datasets() -> None:
    """List the data sets that can be read, one a line."""
    from cxrcompare.datasets import describe

    show([list(line) for line in describe()])


class _Parser(argparse.ArgumentParser):
    """Argparse, with errors as one line that says where help is."""

    def error(self, message: str) -> NoReturn:
        raise InputError(f"{message} (see {self.prog} --help)")


def _parser() -> argparse.ArgumentParser:
    top = _Parser(
        prog="cxrcompare",
        description="Say which chest-radiograph classifier is better, and be right.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(metavar="COMMAND", required=True, parser_class=_Parser)

    def add(command: Callable[..., None]) -> Callable[..., Any]:
        summary, _, more = (command.__doc__ or "").partition("\n")
        parser = commands.add_parser(
            command.__name__,
            help=summary,
            description=f"{summary}\n\n{' '.join(more.split())}",
            allow_abbrev=False,
        )
        parser.set_defaults(command=command)
        return parser.add_argument

    _add_run(add(run))
    _add_stages(add)
    _add_compare(add(compare))
    add(report)("folder", type=Path, metavar="DIR", help="the folder of a comparison.json")
    add(models)
    add(datasets)
    return top


# fmt: off
def _add_run(option: Callable[..., Any]) -> None:
    option("experiment", type=Path, nargs="?", metavar="EXPERIMENT.toml",
           help="a file with any of the settings below, and more")
    option("--data", type=Path, metavar="DIR", help="the data set's folder (default: the sample)")
    option("--dataset", metavar="NAME", help="see `cxrcompare datasets` (default: recognised)")
    option("--models", type=_names, metavar="A,B", help="see `cxrcompare models`")
    option("--seeds", type=_numbers, metavar="0,1", help="seeds of each architecture")
    option("--store", type=Path, metavar="STORE", help="a store made by `cxrcompare prepare`")
    option("--image-size", dest="images.size", type=int, metavar="PX", help="side of the images")
    _add_training(option, "training.", "labels.")
    option("--replicates", dest="evaluation.replicates", type=int, metavar="N",
           help="bootstrap replicates (default: 10000)")
    option("--jobs", type=int, metavar="N", help="trainings at a time")
    option("--out", type=Path, metavar="DIR", help="the output folder (default: runs/NAME)")


def _add_training(option: Callable[..., Any], training: str, labels: str) -> None:
    option("--epochs", dest=f"{training}epochs", type=int, metavar="N", help="epochs at most")
    option("--recipe", dest=f"{training}recipe", metavar="NAME", help="original or modern")
    option("--weights", dest=f"{training}weights", metavar="imagenet|none|DIR",
           help="where the backbone's weights come from")
    option("--findings", type=_findings, metavar="all|competition|A,B", help="what is learnt")
    option("--policy", dest=f"{labels}policy", metavar="NAME",
           help="what uncertain labels become in training, e.g. u-ones")
    option("--deterministic", dest=f"{training}deterministic", action="store_true", default=None,
           help="bit-identical repetition, at a price in speed")


def _add_stages(add: Callable[[Callable[..., None]], Callable[..., Any]]) -> None:
    option = add(prepare)
    option("dataset_dir", type=Path, metavar="DATASET_DIR", help="the data set's folder")
    option("--out", type=Path, required=True, metavar="STORE", help="the store's folder")
    option("--dataset", metavar="NAME", help="see `cxrcompare datasets` (default: recognised)")
    option("--size", type=int, default=320, metavar="PX", help="side of the images (default: 320)")
    option("--max-rejected", type=float, default=0.01, metavar="SHARE",
           help="share of undecodable images above which the command fails (default: 0.01)")
    option("--workers", type=int, metavar="N", help="decoding workers (default: one a core)")
    option("--preview", type=int, default=0, metavar="N", help="also a contact sheet of N images")

    option = add(train)
    option("model", metavar="MODEL", help="see `cxrcompare models`")
    option("--store", type=Path, required=True, metavar="STORE", help="the image store")
    option("--out", type=Path, required=True, metavar="RUN", help="the run folder")
    option("--seed", type=int, default=0, metavar="N", help="(default: 0)")
    _add_training(option, "", "")

    option = add(predict)
    option("run", type=Path, metavar="RUN", help="the folder of a finished training")
    option("input", type=Path, metavar="INPUT", help="a store, an image or DICOM file, or a folder")
    option("--out", type=Path, required=True, metavar="FILE", help="the predictions, .csv")
    option("--split", choices=("train", "valid", "test"), default="test",
           help="of a store (default: test)")

    option = add(sample)
    option("--out", type=Path, required=True, metavar="DIR", help="the data set's folder")
    option("--images", type=int, default=1500, metavar="N", help="over all splits (default: 1500)")
    option("--size", type=int, default=320, metavar="PX", help="side of the images (default: 320)")
    option("--seed", type=int, default=0, metavar="N", help="(default: 0)")
    option("--shortcuts", type=_names, default=[], metavar="drain,marker",
           help="what goes with a finding in training and does not in test")
    option("--masks", action="store_true", help="also where each finding is, masks/*.png")


def _add_compare(option: Callable[..., Any]) -> None:
    option("predictions", type=Path, nargs="+", metavar="PREDICTIONS",
           help="a file per model; name__seed3.csv is seed 3 of name")
    option("--reference", type=Path, required=True, metavar="FILE", help="1, 0 or blank a finding")
    option("--out", type=Path, required=True, metavar="DIR", help="the comparison's folder")
    option("--readers", type=Path, nargs="+", default=(), metavar="FILE", help="a file per reader")
    option("--findings", type=_findings, default="all", metavar="all|competition|A,B", help="which")
    option("--unit", choices=("study", "image"), default="study", help="(default: study)")
    option("--views", dest="views_rule", choices=("max", "mean"), default="max",
           help="how the views of a study become one probability (default: max)")
    option("--replicates", type=int, default=10_000, metavar="N", help="(default: 10000)")
    option("--level", type=float, default=0.95, help="of the intervals (default: 0.95)")
    option("--seed", type=int, default=0, metavar="N", help="of the resampling (default: 0)")
    option("--interval", choices=("percentile", "bca"), default="percentile",
           help="(default: percentile)")
    option("--correction", choices=("holm", "fdr"), default="holm",
           help="of p-values for many tests (default: holm)")
    option("--margin", type=float, metavar="AUROC", help="test non-inferiority by this margin")
    option("--validation", type=Path, nargs="+", default=(), metavar="FILE",
           help="predictions to choose thresholds and calibration on")
    option("--validation-reference", type=Path, metavar="FILE", help="their reference standard")
    option("--threshold-rule", default="youden", metavar="RULE",
           help="youden, f1, sensitivity=0.9 or specificity=0.9 (default: youden)")
    option("--subgroups", type=Path, metavar="FILE", help="sex, age band, view, ... by id")
    option("--minimum-cell", type=int, default=10, metavar="N",
           help="positives and negatives a subgroup needs to be compared (default: 10)")
    option("--scores", action="store_true", help="scores of any range, no calibration")
    option("--bins", type=int, default=15, metavar="N", help="of the ECE (default: 15)")
    option("--power", type=float, default=0.8,
           help="of the minimum detectable difference (default: 0.8)")


# fmt: on


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text: str) -> list[int]:
    try:
        return [int(word) for word in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"must be whole numbers separated by commas. Received: {text}"
        ) from error


def _findings(text: str) -> str | list[str]:
    return text if text in ("all", "competition") else _names(text)


def _command() -> str:
    return shlex.join(["cxrcompare", *sys.argv[1:]])


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value is not None}
