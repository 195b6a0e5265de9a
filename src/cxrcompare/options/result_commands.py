"""The options of the commands on predictions and results: compare, doctor, report, sharing."""

from pathlib import Path
from typing import Annotated, Literal

from cxrcompare.options.declaration import Option


class ComparedFiles:
    """Files that `compare` and `bundle` take."""

    predictions: Annotated[
        tuple[Path, ...],
        Option(
            "one prediction file per model; name__seed3.csv is seed 3 of name",
            flag="",
            shown="PREDICTIONS",
        ),
    ]
    reference: Annotated[
        tuple[Path, ...],
        Option(
            "reference standard: 1, 0 or blank for each finding; more than once for several sites",
            shown="FILE",
            repeated=True,
        ),
    ]
    out: Annotated[Path, Option("output folder: new, empty, or an earlier comparison", shown="DIR")]
    readers: Annotated[
        tuple[Path, ...], Option("labels of human readers, one file per reader", shown="FILE")
    ] = ()
    validation: Annotated[
        tuple[Path, ...],
        Option("validation predictions, for thresholds and calibration", shown="FILE"),
    ] = ()
    validation_reference: Annotated[
        Path | None, Option("reference standard of the validation predictions", shown="FILE")
    ] = None
    thresholds: Annotated[
        str | None,
        Option(
            "thresholds to use instead of choosing them: one number, or a CSV with the columns "
            "finding, threshold and optionally model",
            shown="FILE",
        ),
    ] = None
    subgroups: Annotated[
        Path | None, Option("a table of sex, age, view, ... of each id", shown="FILE")
    ] = None
    second_reference: Annotated[
        Path | None,
        Option(
            "other labels of the same test set, e.g. of experts: which verdicts change",
            shown="FILE",
        ),
    ] = None
    labeller_rates: Annotated[
        Path | None,
        Option(
            "sensitivity and specificity of the labeller of the reference, to correct for: a CSV "
            "with the columns finding, sensitivity, specificity, optionally positives, negatives",
            shown="FILE",
        ),
    ] = None
    title: Annotated[
        str | None,
        Option("title of the report", shown="TEXT", default="Comparison of networks"),
    ] = None
    data_name: Annotated[
        str | None, Option("name of the test data, for the report", shown="TEXT")
    ] = None


class Compare(ComparedFiles):
    """Arguments of `compare`."""


class Doctor:
    """Arguments of `doctor`."""

    predictions: Annotated[
        tuple[Path, ...],
        Option(
            "prediction files from any program, or the folder of a run and an image store",
            flag="",
            shown="PREDICTIONS",
        ),
    ]
    reference: Annotated[
        Path | None,
        Option(
            "reference standard of the prediction files",
            shown="FILE",
            default="none, for a run and a store",
        ),
    ] = None
    apply: Annotated[
        tuple[str, ...],
        Option(
            "repairs to apply to one file: ids, extra, logits, percent, sigmoid, clip, inverted, "
            "columns or rows",
            shown="A,B",
        ),
    ] = ()
    out: Annotated[
        Path | None, Option("new CSV file for the corrected predictions", shown="FILE")
    ] = None
    split: Annotated[
        Literal["test", "valid"] | None,
        Option("split of the store to examine", default="test, or valid if there is no test"),
    ] = None
    images: Annotated[
        int, Option("most images of the store to examine", ge=20, le=1_000_000, shown="N")
    ] = 500


class Report:
    """Arguments of `report`."""

    folder: Annotated[Path, Option("folder of the comparison", flag="", shown="DIR")]
    cases: Annotated[
        int | None,
        Option(
            "select the radiographs of the report again, at most N for each rule and finding; "
            "needs the runs and the store of `cxrcompare run`",
            ge=0,
            le=20,
            shown="N",
            default="those of the earlier report",
        ),
    ] = None


class Cite:
    """Arguments of `cite`."""

    folder: Annotated[Path, Option("folder of the comparison", flag="", shown="RESULT")]
    out: Annotated[Path, Option("output folder: new, empty, or an earlier paper kit", shown="DIR")]


class Card:
    """Arguments of `card`."""

    run: Annotated[Path, Option("folder of a finished training", flag="", shown="RUN")]
    comparison: Annotated[
        Path | None,
        Option(
            "folder of a comparison that has the run",
            shown="DIR",
            default="the folder comparison beside the run, if there is one",
        ),
    ] = None
    out: Annotated[
        Path | None,
        Option("the card; must be a new file", shown="FILE.md", default="standard output"),
    ] = None


class Bundle(ComparedFiles):
    """Arguments of `bundle`: files that `compare` takes too, with an archive as output."""

    out: Annotated[Path, Option("the bundle; must be a new file", shown="FILE.zip")]
    with_labels: Annotated[
        bool,
        Option(
            "also include the reference standards, readers and subgroups, which otherwise are "
            "named by their hash only"
        ),
    ] = False


class Verify:
    """Arguments of `verify`."""

    bundle: Annotated[Path, Option("a file of `bundle`", flag="", shown="BUNDLE")]
    labels: Annotated[
        tuple[Path, ...],
        Option("files that the bundle does not include, found by their hash", shown="FILE"),
    ] = ()
