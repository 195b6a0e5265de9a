"""The commands on predictions and results: compare, doctor, report and schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrcompare import extras, isolated
from cxrcompare.cli.output import (
    collecting_rarely,
    command_line,
    say,
    show_comparison,
    show_lines,
    write_text,
)
from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import output_checks

if TYPE_CHECKING:
    from cxrcompare.doctor import Problem


@collecting_rarely()
def compare(predictions: list[Path], reference: list[Path], out: Path, **options: Any) -> None:
    """Compare the prediction files of models from any source: which differ, and by how much.

    The output folder must be new, empty, or an earlier comparison with nothing else in it. An
    earlier comparison is replaced.
    """
    with isolated.without("pyarrow"):  # pandas would load it, which takes 0.1 s, and not need it
        import pandas  # noqa: F401
    from cxrcompare.comparison.compare_options import Options
    from cxrcompare.comparison.inputs.all_inputs import reading
    from cxrcompare.comparison.inputs.sources import Sources
    from cxrcompare.comparison.result.saving import KIND, write
    from cxrcompare.filesystem import output_folder

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
        "command": command_line(),
        "title": options.pop("title"),
        "data": options.pop("data_name"),
    }
    chosen = Options(**options)
    with (
        output_folder.replacing(out, KIND) as folder,
        reading(Sources(predictions, reference, **files), chosen) as (tables, advance),
    ):
        # Loaded after the files were read, which are often wrong.
        from cxrcompare.comparison.compare import compare_inputs
        from cxrcompare.reporting.report import fill

        found = compare_inputs(tables, chosen, context, advance)
        write(found, folder)
        results = fill(found, folder)
    show_comparison(found, results, out)


@collecting_rarely()
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
        from cxrcompare.training.steps import device

        device.start()  # before Keras is imported
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
    show_lines(["\n\n".join(pages)])
    count = sum(not problem.note for problem in problems)
    if count:
        raise JobError(f"{count} problem{'' if count == 1 else 's'} found")


def schema() -> None:
    """Print the JSON Schema of comparison.json."""
    from cxrcompare.comparison.result.content import schema_text

    write_text(schema_text())
