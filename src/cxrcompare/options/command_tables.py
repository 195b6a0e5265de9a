"""The tables of options of each command, and where each option stands on the command line."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, NamedTuple

from cxrcompare.options import evaluation, experiment, image_commands, result_commands, training
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
        Table(image_commands.PrepareInput),
        Table(experiment.DataSet),
        Table(image_commands.Prepare),
        Table(experiment.Columns, "columns", {"other_findings": "findings"}),
    ),
    "train": (
        Table(image_commands.Train),
        Table(training.Seed),
        Table(experiment.Findings, ""),
        Table(training.Labels, "labels"),
        Table(training.Training, "", {"image_size": "image-size"}),
        Table(training.Settings, ""),
        Table(training.Augmentation, "augmentation"),
    ),
    "predict": (Table(image_commands.Predict),),
    "explain": (Table(image_commands.Explain),),
    "sample": (Table(image_commands.Sample),),
    "compare": (
        Table(result_commands.Compare),
        Table(experiment.Findings),
        Table(evaluation.Evaluation),
    ),
    "doctor": (Table(result_commands.Doctor),),
    "report": (Table(result_commands.Report),),
    "cite": (Table(result_commands.Cite),),
    "card": (Table(result_commands.Card),),
    "bundle": (
        Table(result_commands.Bundle),
        Table(experiment.Findings),
        Table(evaluation.Evaluation),
    ),
    "verify": (Table(result_commands.Verify),),
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
