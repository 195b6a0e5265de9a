"""The command line: parse, call, print; nothing else. Rooms are imported when a command runs."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrcompare import __version__, exit_status, output_checks
from cxrcompare.cli import options as declared
from cxrcompare.exit_status import say, show

if TYPE_CHECKING:
    from cxrcompare.comparison.result.comparison import Comparison


def main(words: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status: 0 done, 1 the job failed, 2 wrong input.

    Args:
        words: The words after `cxrcompare`; those of the process by default.
    """

    def work() -> None:
        chosen = vars(_parser().parse_args(words))
        command = chosen.pop("command")
        if chosen.get("out") is not None:
            output_checks.check_writable(chosen["out"], file=command is predict)
        command(**chosen)

    return exit_status.run(work)


def run(experiment: Path | None, out: Path | None, **options: Any) -> None:
    """Train several architectures with several seeds, evaluate, compare and report.

    With no argument: the five architectures on the embedded synthetic sample. The same command
    continues what an earlier one left unfinished. An option beats the file, which beats the
    default.
    """
    from cxrcompare import experiment as room

    chosen = room.load(experiment, _given(options))
    folder = out or Path("runs") / chosen.name
    output_checks.check_writable(folder)
    _finish(room.run(chosen, folder, _command()), folder / "comparison")


def prepare(
    dataset_dir: Path,
    out: Path,
    dataset: str | None,
    columns: Path | None,
    preview: int,
    **options: Any,
) -> None:
    """Decode every image of a data set once into an image store.

    The same command continues an interrupted one.
    """
    from cxrcompare import datasets, experiment
    from cxrcompare.images.prepare import prepare as decode
    from cxrcompare.labels import splits

    named = {key: options.pop(key) for key in [*options] if key.startswith("columns.")}
    own = experiment.load_columns(columns, _given(named))
    data = datasets.read(dataset, dataset_dir, own)
    for line in datasets.decisions(data):
        say(line)
    table = splits.assign(data)
    store = decode(table, out, **options)
    checked = splits.disjointness(store.table, store.hashes)
    if preview:
        from cxrcompare.images.preview import preview as contact_sheet

        contact_sheet(store, preview, out / "preview.png")
    patients = checked.patients or {}
    counts = [
        [str(name), f"{len(part):,}", f"{part['study_id'].nunique():,}"]
        for name, part in store.table.rows.groupby("split", sort=False)
    ]
    for row in counts:
        row.append(f"{patients[row[0]]:,}" if row[0] in patients else "not known")
    show([["split", "images", "studies", "patients"], *counts])
    say(f"rejected: {len(table) - len(store.table)} of {len(table):,} images; store: {out}")


def train(model: str, store: Path, out: Path, seed: int, **options: Any) -> None:
    """Train one network on an image store.

    The same command continues an interrupted training.
    """
    from cxrcompare import experiment as room

    summary = room.train_one(model, store, out, seed, _given(options))
    show([[key, f"{v:.4g}" if isinstance(v, float) else str(v)] for key, v in summary.items()])


def predict(run: Path, input: Path, out: Path, **options: Any) -> None:
    """Write a trained network's probabilities for a store's split, or for image or DICOM files.

    The file must be a new one: no existing file is replaced. Files of a folder that cannot be
    decoded are listed in OUT's name with `.rejected.csv`. The other files are predicted, also
    where the exit status is 1 because too many were rejected.
    """
    from cxrcompare.training.predict import predict as room

    room(run, input, out, **options)
    say(f"predictions: {out}")


def compare(predictions: list[Path], reference: Path, out: Path, **options: Any) -> None:
    """Compare prediction files, whoever made them: which models differ, and by how much.

    The folder must be new, empty, or an earlier comparison with nothing else in it, which is
    replaced as a whole.
    """
    from cxrcompare import output_folder
    from cxrcompare.comparison.compare import Options
    from cxrcompare.comparison.compare import compare as room
    from cxrcompare.comparison.result.writing import KIND, write
    from cxrcompare.reporting.report import fill

    others = ("validation", "validation_reference", "readers", "subgroups")
    files = {key: options.pop(key) for key in others}
    context = {"command": _command()}
    chosen = Options(**options)
    with output_folder.replacing(out, KIND) as folder:
        found = room(predictions, reference, options=chosen, context=context, **files)
        write(found, folder)
        fill(found, folder)
    _finish(found, out)


def report(folder: Path) -> None:
    """Write the report of a finished comparison again.

    The folder must be one that `compare` or `run` wrote, with nothing else in it, or hold
    comparison.json alone. The report's files are replaced, also where they were edited.
    """
    from cxrcompare.reporting.report import rewrite

    rewrite(folder)
    say(f"report: {folder / 'report.html'}")


def sample(out: Path, **options: Any) -> None:
    """Write the embedded sample: synthetic radiographs as a data set in the CheXpert layout."""
    from cxrcompare.synthetic import write_sample

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


def _parser() -> declared.Parser:
    top = declared.Parser(
        prog="cxrcompare",
        description="Say which chest-radiograph classifier is better, and be right.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(metavar="COMMAND", required=True, parser_class=declared.Parser)

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

    declared.add_run(add(run))
    declared.add_prepare(add(prepare))
    declared.add_train(add(train))
    declared.add_predict(add(predict))
    declared.add_sample(add(sample))
    declared.add_compare(add(compare))
    add(report)("folder", type=Path, metavar="DIR", help="the folder of a comparison.json")
    add(models)
    add(datasets)
    return top


def _finish(found: Comparison, folder: Path) -> None:
    """Prints the short table, the warnings in short, and where the report is."""
    from cxrcompare.comparison.result.summary import summary_table, warning_lines

    show(summary_table(found))
    for line in warning_lines(found, folder / "warnings.csv"):
        say(line)
    say(f"report: {folder / 'report.html'}")


def _command() -> str:
    return shlex.join(["cxrcompare", *sys.argv[1:]])


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value is not None}
