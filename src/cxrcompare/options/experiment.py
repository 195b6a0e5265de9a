"""Options of data sets, stores and whole experiments."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cxrcompare.options.declaration import Option

FIVE = ("resnet34", "resnet50", "resnet101", "densenet121", "mobilenet")
"""The architectures of the original study, on which this project is based."""


DatasetName = Annotated[
    str | None,
    Option("name of the data set, see `cxrcompare datasets`", shown="NAME", default="detected"),
]
FindingsChoice = Annotated[
    str | tuple[str, ...],
    Option("findings to train and compare", shown="all|competition|A,B"),
]
MaxRejected = Annotated[
    float,
    Option(
        "maximum share of undecodable files; the command fails if there are more",
        ge=0,
        le=1,
        shown="SHARE",
    ),
]


FollowLinks = Annotated[
    bool,
    Option("also read files behind symbolic links that lead out of the data's folder"),
]


class Links:
    """Whether symbolic links are followed."""

    follow_links: FollowLinks = False


class DataSet(Links):
    """The name of a data set."""

    dataset: DatasetName = None


class Findings:
    """The findings to train and compare."""

    findings: FindingsChoice = "all"


class Rejected:
    """The maximum share of files that cannot be decoded."""

    max_rejected: MaxRejected = 0.01


class Experiment:
    """The data, models and seeds of an experiment."""

    name: Annotated[
        str, Option("name of the experiment and of its output folder", shown="NAME")
    ] = "comparison"
    data: Annotated[
        Path | None, Option("folder of the data set", shown="DIR", default="the embedded sample")
    ] = None
    dataset: DatasetName = DataSet.dataset
    follow_links: FollowLinks = Links.follow_links
    models: Annotated[
        tuple[str, ...],
        Option("architectures to train, see `cxrcompare models`, or module:function", shown="A,B"),
    ] = FIVE
    seeds: Annotated[
        tuple[int, ...], Option("seeds; each architecture is trained with every seed", shown="0,1")
    ] = (0,)
    findings: FindingsChoice = Findings.findings
    store: Annotated[
        Path | None,
        Option("image store of `cxrcompare prepare`", shown="STORE", default="prepared by `run`"),
    ] = None
    jobs: Annotated[int, Option("number of parallel trainings", ge=1, shown="N")] = 1
    cases: Annotated[
        int | None,
        Option(
            "radiographs in the report, at most N for each rule and finding; 0 for none",
            ge=0,
            le=20,
            shown="N",
            default="3 for the embedded sample, else 0: the report has no image of real patients",
        ),
    ] = None


class Images:
    """Settings of the image store of an experiment."""

    size: Annotated[
        int,
        Option("side of the images in pixels", ge=32, le=2048, flag="image-size", shown="PX"),
    ] = 320
    max_rejected: MaxRejected = Rejected.max_rejected


class Splits:
    """Shares of the splits if the data set has no official split."""

    train: Annotated[
        float, Option("share of the training set", gt=0, lt=1, flag="train-share", shown="SHARE")
    ] = 0.7
    valid: Annotated[
        float, Option("share of the validation set", gt=0, lt=1, flag="valid-share", shown="SHARE")
    ] = 0.1
    test: Annotated[
        float, Option("share of the test set", gt=0, lt=1, flag="test-share", shown="SHARE")
    ] = 0.2
    seed: Annotated[int, Option("seed of the split", ge=0, flag="split-seed", shown="N")] = 0


class Sample:
    """The embedded sample of an experiment without a data set."""

    images: Annotated[
        int,
        Option(
            "number of images of the embedded sample, in all splits",
            ge=50,
            le=1_000_000,
            flag="sample-images",
            shown="N",
        ),
    ] = 1500
    seed: Annotated[
        int,
        Option("seed of the embedded sample", ge=0, le=2**31 - 1, flag="sample-seed", shown="N"),
    ] = 0


def _column(text: str, flag: str | None = None) -> Option:
    return Option(f"the column of your own CSV with {text}", shown="NAME", flag=flag)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The columns of your own CSV; columns that are not given are found by known names."""

    path: Annotated[str | None, _column("image paths", "path-column")] = None
    image: Annotated[str | None, _column("image ids", "image-column")] = None
    patient: Annotated[str | None, _column("patients", "patient-column")] = None
    study: Annotated[str | None, _column("studies", "study-column")] = None
    view: Annotated[str | None, _column("views", "view-column")] = None
    sex: Annotated[str | None, _column("sexes", "sex-column")] = None
    age: Annotated[str | None, _column("ages", "age-column")] = None
    split: Annotated[str | None, _column("splits", "split-column")] = None
    image_is_patient: Annotated[
        bool, Option("each image of your own CSV is of a different patient")
    ] = False
    findings: Annotated[
        Any, Option("the column of each finding, by the finding's name", flag="")
    ] = None
    other_findings: Annotated[
        tuple[str, ...],
        Option("columns of your own CSV that are findings outside the vocabulary", shown="A,B"),
    ] = ()
    all_columns: Annotated[
        bool, Option("use every column of your own CSV with 1, 0, -1 or blank as a finding")
    ] = False
    values: Annotated[
        Any,
        Option(
            "lists of cell values that mean positive, negative, uncertain, unmentioned", flag=""
        ),
    ] = None
