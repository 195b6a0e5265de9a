"""The tables of options of each command, and the options that only one command has."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

from cxrcompare.options import evaluation, experiment, training
from cxrcompare.options.declaration import Declared, Option, declared


class Table(NamedTuple):
    """A table of options that a command has.

    Attributes:
        declaration: The class that declares the options.
        key: The table of the TOML file, "" for the top level; None if they are not in a file.
        flags: The names on the command line that differ from those in the declaration.
    """

    declaration: type
    key: str | None = None
    flags: Mapping[str, str] = MappingProxyType({})

    @property
    def in_file(self) -> bool:
        """Whether a TOML file can set the options; they then have no command-line default."""
        return self.key is not None


class PrepareInput:
    """Arguments of `prepare`."""

    dataset_dir: Annotated[Path, Option("folder of the data set", flag="", shown="DATASET_DIR")]
    out: Annotated[Path, Option("folder of the store", shown="STORE")]
    columns: Annotated[
        Path | None,
        Option("meaning of the columns of your own CSV, see docs/datasets.md", shown="FILE.toml"),
    ] = None


class Prepare(experiment.Rejected):
    """Options of `prepare`."""

    size: Annotated[int, Option("side of the images in pixels", ge=1, le=4096, shown="PX")] = (
        experiment.Images.size
    )
    workers: Annotated[
        int | None,
        Option("number of decoding processes", ge=1, shown="N", default="one per core"),
    ] = None
    preview: Annotated[
        int | None, Option("also write a contact sheet of N images", ge=1, shown="N")
    ] = None


class Train:
    """Arguments of `train`."""

    model: Annotated[
        str,
        Option("architecture, see `cxrcompare models`, or module:function", flag="", shown="MODEL"),
    ]
    store: Annotated[Path, Option("image store", shown="STORE")]
    out: Annotated[Path, Option("folder of the run", shown="RUN")]


class Predict(experiment.Rejected):
    """Arguments and options of `predict`."""

    run: Annotated[Path, Option("folder of a finished training", flag="", shown="RUN")]
    input: Annotated[
        Path, Option("a store, an image or DICOM file, or a folder", flag="", shown="INPUT")
    ]
    out: Annotated[Path, Option("CSV file for the predictions; must be a new file", shown="FILE")]
    split: Annotated[Literal["train", "valid", "test"], Option("split of the store to predict")] = (
        "test"
    )
    strict: Annotated[bool, Option("fail on the first undecodable file and write nothing")] = False


class Explain:
    """Arguments and options of `explain`."""

    runs: Annotated[tuple[Path, ...], Option("folders of finished trainings", flag="", shown="RUN")]
    input: Annotated[
        Path, Option("a store, an image or DICOM file, or a folder", flag="", shown="INPUT")
    ]
    out: Annotated[
        Path, Option("output folder: new, empty, or an earlier explanation", shown="DIR")
    ]
    split: Annotated[Literal["train", "valid", "test"], Option("split of the store to explain")] = (
        "test"
    )
    findings: Annotated[
        tuple[str, ...], Option("findings to explain", shown="A,B", default="all")
    ] = ()
    shown: Annotated[
        int, Option("images on the page, and with overlays as files", ge=1, le=10_000, shown="N")
    ] = 50
    regions: Annotated[
        Path | None,
        Option(
            "masks or boxes of findings to measure the maps against: CheXlocalize's JSON, or the "
            "CSV of NIH or VinDr-CXR; the input must be a store",
            shown="FILE",
            default="those in the data set's folder",
        ),
    ] = None
    readers: Annotated[
        tuple[Path, ...],
        Option("masks that readers drew, in the same formats, one file per reader", shown="FILE"),
    ] = ()


class Sample:
    """Arguments and options of `sample`."""

    out: Annotated[Path, Option("folder of the data set", shown="DIR")]
    images: Annotated[
        int, Option("number of images in all splits", ge=10, le=1_000_000, shown="N")
    ] = experiment.Sample.images
    size: Annotated[
        int, Option("longer side of the images in pixels", ge=32, le=1024, shown="PX")
    ] = experiment.Images.size
    seed: Annotated[int, Option("seed of the sample", ge=0, le=2**31 - 1, shown="N")] = 0
    shortcuts: Annotated[
        tuple[str, ...],
        Option(
            "spurious correlations to add in training and validation: drain, marker or "
            "marker:FINDING",
            shown="drain,marker",
        ),
    ] = ()
    shortcut_strength: Annotated[
        float | None,
        Option(
            "share of the images with the finding that have the marker or drain, and of the others "
            "that have no marker",
            ge=0.5,
            le=1,
            shown="SHARE",
            default="0.9 of the marker, 1 of the drain",
        ),
    ] = None
    shortcuts_in_test: Annotated[
        Literal["broken", "kept"],
        Option("whether the spurious correlations are absent or present in the test images"),
    ] = "broken"
    masks: Annotated[
        bool, Option("also write masks of the findings, lungs and heart, masks/*.png")
    ] = False


class Run:
    """Arguments of `run`."""

    experiment: Annotated[
        Path | None,
        Option(
            "TOML file with settings; all settings below are allowed",
            flag="",
            shown="EXPERIMENT.toml",
        ),
    ] = None
    out: Annotated[Path | None, Option("output folder", shown="DIR", default="runs/NAME")] = None
    check: Annotated[
        bool, Option("check everything that can fail later, print what was checked, and stop")
    ] = False


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


TABLES: dict[str, tuple[Table, ...]] = {
    "run": (
        Table(Run),
        Table(experiment.Experiment, ""),
        Table(experiment.Images, "images"),
        Table(experiment.Splits, "splits"),
        Table(experiment.Sample, "sample"),
        Table(training.Labels, "labels"),
        Table(training.Training, "training"),
        Table(training.Settings, "training"),
        Table(training.Augmentation, "training.augmentation"),
        Table(evaluation.Evaluation, "evaluation", {"seed": "evaluation-seed"}),
        Table(experiment.Columns, "columns"),
    ),
    "prepare": (
        Table(PrepareInput),
        Table(experiment.DataSet),
        Table(Prepare),
        Table(experiment.Columns, "columns", {"other_findings": "findings"}),
    ),
    "train": (
        Table(Train),
        Table(training.Seed),
        Table(experiment.Findings, ""),
        Table(training.Labels, "labels"),
        Table(training.Training, "", {"image_size": "image-size"}),
        Table(training.Settings, ""),
        Table(training.Augmentation, "augmentation"),
    ),
    "predict": (Table(Predict),),
    "explain": (Table(Explain),),
    "sample": (Table(Sample),),
    "compare": (Table(Compare), Table(experiment.Findings), Table(evaluation.Evaluation)),
    "doctor": (Table(Doctor),),
    "report": (Table(Report),),
    "cite": (Table(Cite),),
    "card": (Table(Card),),
    "bundle": (Table(Bundle), Table(experiment.Findings), Table(evaluation.Evaluation)),
    "verify": (Table(Verify),),
}
"""The tables of each command, in the order of its help."""


class Placed(NamedTuple):
    """An option of a command.

    Attributes:
        option: The declaration of the option.
        table: The table of the command that contains the option.
        dest: The keyword argument of the command's function: a dotted key for a TOML table.
        flag: The name on the command line; without hyphens for a positional argument; "" if only
            a file can set the option.
    """

    option: Declared
    table: Table
    dest: str
    flag: str

    @property
    def positional(self) -> bool:
        """Whether it is a positional argument."""
        return bool(self.flag) and not self.flag.startswith("-")


def placed(command: str) -> list[Placed]:
    """Returns the options of a command."""
    found = []
    for table in TABLES.get(command, ()):
        for one in declared(table.declaration):
            dest = f"{table.key}.{one.key}" if table.key else one.name
            flag = one.flag
            if one.name in table.flags:
                flag = f"--{table.flags[one.name]}"
            elif one.option.flag == "":
                flag = one.name if table.key is None else ""
            found.append(Placed(one, table, dest, flag))
    return found
