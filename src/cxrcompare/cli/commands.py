"""The commands: parse arguments, call a package, print. Packages are imported on demand."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrcompare import __version__, exit_status, extras, progress
from cxrcompare.cli.output import say, show
from cxrcompare.cli.parsers import Parser, add_options
from cxrcompare.cli.sharing_commands import bundle, card, cite, verify
from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import output_checks

if TYPE_CHECKING:
    from cxrcompare.comparison.result.comparison import Comparison
    from cxrcompare.doctor import Problem


def main(words: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status: 0 success, 1 the job failed, 2 wrong input.

    Args:
        words: The arguments after `cxrcompare`; those of the process by default.
    """

    def work() -> None:
        given = sys.argv[1:] if words is None else list(words)
        asked = next((word for word in given if not word.startswith("-")), "")
        chosen = vars(_parser(asked).parse_args(given))
        command = chosen.pop("command")
        if chosen.get("out") is not None:
            output_checks.check_writable(
                chosen["out"], file=command in (predict, doctor, bundle, card)
            )
        with progress.shown():
            command(**chosen)

    return exit_status.run(work)


def run(experiment: Path | None, out: Path | None, check: bool, **options: Any) -> None:
    """Train several architectures with several seeds, evaluate, compare and report.

    Without arguments, the command trains the five architectures of the original study on the
    embedded synthetic sample. Run the same command again to continue an interrupted one. Options
    override the settings of the file, which override the defaults. Before the first long step, the
    command checks everything that can fail later, and prints what it checked.
    """
    extras.need_training("`cxrcompare run`")
    from cxrcompare import experiment as package

    chosen = package.load(experiment, _given(options))
    folder = out or Path("runs") / chosen.name
    output_checks.check_writable(folder)
    if check:
        print("\n".join(package.check(chosen, folder).lines))
        return
    _finish(package.run(chosen, folder, _command()), folder / "comparison")


def prepare(
    dataset_dir: Path,
    out: Path,
    dataset: str | None,
    columns: Path | None,
    preview: int | None,
    **options: Any,
) -> None:
    """Decode every image of a data set once into an image store.

    Run the same command again to continue an interrupted one.
    """
    extras.need("`cxrcompare prepare`", "images")
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

    Run the same command again to continue an interrupted training.
    """
    extras.need_training("`cxrcompare train`")
    from cxrcompare import experiment as package

    summary = package.train_one(model, store, out, seed, _given(options))
    show([[key, f"{v:.4g}" if isinstance(v, float) else str(v)] for key, v in summary.items()])


def predict(run: Path, input: Path, out: Path, **options: Any) -> None:
    """Write a trained network's probabilities for a store's split, or for image or DICOM files.

    The output must be a new file: no existing file is replaced. Undecodable files of a folder are
    listed in a file next to it, with the suffix `.rejected.csv`. The other files are predicted,
    even if the exit status is 1 because too many files were rejected.
    """
    extras.need_training("`cxrcompare predict`")
    from cxrcompare.training.predict import predict as write_predictions

    write_predictions(run, input, out, **options)
    say(f"predictions: {out}")


def explain(
    runs: list[Path],
    input: Path,
    out: Path,
    regions: Path | None = None,
    readers: list[Path] | None = None,
    **options: Any,
) -> None:
    """Show where trained networks find evidence: maps, overlays and a page to browse them.

    A map shows how much each part of an image adds to the logit of a finding. It takes one forward
    pass. If the data set of a store has masks or boxes of findings, the maps are measured against
    them, with intervals and paired tests: localisation.csv and other tables. The output folder must
    be new, empty, or an earlier explanation, which is replaced.
    """
    extras.need_training("`cxrcompare explain`")
    from cxrcompare.explaining import explain as write_maps
    from cxrcompare.explaining.measuring import Measuring
    from cxrcompare.localisation.summary import summary, warning_lines

    how = {"split": options["split"], "method": options["method"]}
    measuring = Measuring(runs, input, regions=regions, readers=readers or (), **how)
    found = write_maps(runs, input, out, also=measuring, **options)
    for maps in found:
        height, width = maps.values.shape[2:]
        say(f"{maps.run}: {len(maps.ids):,} images, {height} x {width} cells; {maps.method}")
    if measuring.found is not None:
        show(summary(measuring.found))
        for line in warning_lines(measuring.found):
            say(line)
    say(f"page: {out / 'index.html'}")


def compare(predictions: list[Path], reference: list[Path], out: Path, **options: Any) -> None:
    """Compare the prediction files of models from any source: which differ, and by how much.

    The output folder must be new, empty, or an earlier comparison with nothing else in it. An
    earlier comparison is replaced.
    """
    from cxrcompare.comparison.compare import Options
    from cxrcompare.comparison.compare import compare as compare_models
    from cxrcompare.comparison.result.saving import KIND, write
    from cxrcompare.filesystem import output_folder
    from cxrcompare.reporting.report import fill

    others = (
        "validation",
        "validation_reference",
        "readers",
        "subgroups",
        "thresholds",
        "second_reference",
        "labeller_rates",
    )
    files = {key: options.pop(key) for key in others}
    given = [one for many in files.values() for one in (many if isinstance(many, list) else [many])]
    inputs = [Path(one) for one in (*predictions, *reference, *given, options["prevalence"]) if one]
    output_checks.check_inputs(out, inputs)
    context = {
        "command": _command(),
        "title": options.pop("title"),
        "data": options.pop("data_name"),
    }
    chosen = Options(**options)
    with output_folder.replacing(out, KIND) as folder:
        found = compare_models(predictions, reference, options=chosen, context=context, **files)
        write(found, folder)
        fill(found, folder)
    _finish(found, out)


def report(folder: Path, cases: int | None = None) -> None:
    """Write the report of a finished comparison again.

    The folder must be an output of `compare` or `run` with nothing else in it, or contain only
    comparison.json. The report's files are replaced, even if they were edited.
    """
    from cxrcompare.reporting.report import rewrite

    if cases is None:
        rewrite(folder)
    else:
        extras.need_training("`cxrcompare report --cases`")
        from cxrcompare.experiment.case_report import rewrite_with_cases

        rewrite_with_cases(folder, cases)
    say(f"report: {folder / 'report.html'}")


def doctor(
    predictions: list[Path],
    reference: Path | None = None,
    apply: list[str] | None = None,
    out: Path | None = None,
    split: str | None = None,
    images: int = 500,
) -> None:
    """Find problems of prediction files of any program, or of how a run is fed with images.

    Of prediction files, ids, scores, columns, rows and labels are checked. Each problem is printed
    with its evidence and the command that corrects it, if there is one. With --apply and --out, a
    corrected copy of one file is written instead; no existing file is replaced. Given a run and an
    image store, the images are predicted again after alterations (inverted, mirrored, resized or
    normalised in other ways), and the command tells whether one of them is significantly better.
    The exit status is 0 if nothing is wrong, 1 if something is, and 2 for wrong input.
    """
    from cxrcompare import doctor as package

    if package.is_run_and_store(predictions):
        if reference or apply or out:
            raise InputError(
                "`--reference`, `--apply` and `--out` must be given for prediction files only. "
                f"Received: a run and a store, {predictions[0]} and {predictions[1]}"
            )
        extras.need_training("`cxrcompare doctor RUN STORE`")
        from cxrcompare.doctor.network_input import examine_input

        run, store = predictions
        found = examine_input(run, store, split, images)
        _examined([package.page(run, store, found)], found)
        return
    if reference is None:
        raise InputError(
            "`--reference` must be given for prediction files; for a run and its images, give the "
            f"folder of a run and an image store. Received: {', '.join(map(str, predictions))}"
        )
    if apply and out is not None and len(predictions) == 1:
        package.repair(predictions[0], reference, apply, out)
        say(f"predictions: {out}")
        return
    if apply or out is not None:
        raise InputError(
            "`--apply` and `--out` must be given together, with one prediction file. Received: "
            f"{len(predictions)} files, {','.join(apply) if apply else 'no --apply'}, "
            f"{out or 'no --out'}"
        )
    pages, listed = [], []
    for path in predictions:
        problems = package.examine(path, reference)
        listed += problems
        pages.append(package.page(path, reference, problems))
    _examined(pages, listed)


def _examined(pages: list[str], problems: list[Problem]) -> None:
    """Prints the pages of `doctor`.

    Raises:
        JobError: There is a problem.
    """
    print("\n\n".join(pages))
    count = sum(not problem.note for problem in problems)
    if count:
        raise JobError(f"{count} problem{'' if count == 1 else 's'} found")


def schema() -> None:
    """Print the JSON Schema of comparison.json."""
    from cxrcompare.comparison.result.content import schema_text

    print(schema_text(), end="")


def sample(out: Path, **options: Any) -> None:
    """Write the embedded sample: synthetic radiographs as a data set in the CheXpert layout."""
    extras.need("`cxrcompare sample`", "images")
    from cxrcompare.synthetic import write_sample

    write_sample(out, **options)
    say(f"synthetic sample: {out}")


def models() -> None:
    """List the available architectures, one per line."""
    from cxrcompare.models import describe

    print("\n".join(describe()))


def datasets() -> None:
    """List the supported data sets, one per line."""
    from cxrcompare.datasets import describe

    show([list(line) for line in describe()])


def _parser(only: str | None = None) -> Parser:
    """Returns the parser of all commands; if one is named, the others have no options yet."""
    top = Parser(
        prog="cxrcompare",
        description="Compare chest-radiograph classifiers with sound statistics.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=__version__)
    commands: Any = top.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)

    listed = (
        run,
        prepare,
        train,
        predict,
        explain,
        sample,
        compare,
        doctor,
        report,
        cite,
        card,
        bundle,
        verify,
        schema,
        models,
        datasets,
    )
    for command in listed:
        summary, _, more = (command.__doc__ or "").partition("\n")
        parser = commands.add_parser(
            command.__name__,
            help=summary,
            description=f"{summary}\n\n{' '.join(more.split())}",
            allow_abbrev=False,
        )
        parser.set_defaults(command=command)
        if only in (None, command.__name__):
            add_options(parser, command.__name__)
    return top


def _finish(found: Comparison, folder: Path) -> None:
    """Prints the summary table, the warnings and the path of the report."""
    from cxrcompare.comparison.result.summary import summary_table, warning_lines
    from cxrcompare.reporting.sections.all_sections import lines

    show(summary_table(found))
    if found.protocol.get("metadata_source"):
        say(f"metadata baseline: fitted on {found.protocol['metadata_source']}")
    for line in lines(found):
        say(line)
    for line in warning_lines(found, folder / "warnings.csv"):
        say(line)
    say(f"report: {folder / 'report.html'}")


def _command() -> str:
    return shlex.join(["cxrcompare", *sys.argv[1:]])


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value is not None}
