"""The options of the commands on images and networks: prepare, sample, train, predict, explain."""

from pathlib import Path
from typing import Annotated, Literal

from cxrcompare.options import experiment
from cxrcompare.options.declaration import Option


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


class Train:
    """Arguments of `train`."""

    model: Annotated[
        str,
        Option("architecture, see `cxrcompare models`, or module:function", flag="", shown="MODEL"),
    ]
    store: Annotated[Path, Option("image store", shown="STORE")]
    out: Annotated[Path, Option("folder of the run", shown="RUN")]


class Predict(experiment.Rejected, experiment.Links):
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


MapMethod = Literal["class-map", "grad-cam++", "integrated-gradients", "occlusion"]
"""How maps are made."""


class Explain(experiment.Links):
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
    method: Annotated[
        MapMethod,
        Option("the exact class map, or a contrast: a method that approximates"),
    ] = "class-map"
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
