"""Whatever the command line does can be done from Python, with the same options."""

import inspect

import pytest

import cxrcompare as cxr
from cxrcompare.api.comparisons.comparison_result import ComparisonResult
from cxrcompare.cli import commands
from cxrcompare.options.command_tables import TABLES, placed

FUNCTIONS = {
    "run": (cxr.run, cxr.check_experiment),
    "prepare": (cxr.prepare, cxr.read_dataset),
    "train": (cxr.train,),
    "predict": (cxr.predict,),
    "explain": (cxr.explain, cxr.localise),
    "sample": (cxr.make_sample,),
    "compare": (cxr.compare, ComparisonResult.save),
    "doctor": (cxr.examine, cxr.examine_run, cxr.repair),
    "report": (cxr.write_report,),
    "cite": (cxr.load, ComparisonResult.cite),
    "card": (cxr.card,),
    "bundle": (cxr.bundle,),
    "verify": (cxr.verify,),
    "schema": (cxr.schema,),
    "models": (cxr.list_models,),
    "datasets": (cxr.list_datasets,),
}
"""The functions of each command."""

OTHER_NAMES = {
    "apply": "repairs",
    "check": "experiment",  # `check_experiment` is a function of its own
    "data_name": "context",
    "dataset_dir": "folder",
    "input": "images",
    "out": "folder",
    "subgroups": "metadata",
    "title": "context",
}
"""Options whose argument has another name in Python."""


def test_every_command_has_its_functions():
    listed = commands._parser()._subparsers._group_actions[0].choices
    assert set(FUNCTIONS) == set(listed)
    public = {getattr(cxr, name) for name in cxr.__all__ if name != "__version__"}
    assert {one for many in FUNCTIONS.values() for one in many} <= public | {
        ComparisonResult.save,
        ComparisonResult.cite,
    }


@pytest.mark.parametrize("command", TABLES)
def test_every_option_of_a_command_is_an_argument(command):
    parameters = {
        name: one
        for function in FUNCTIONS[command]
        for name, one in inspect.signature(function).parameters.items()
    }
    free = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    for one in placed(command):
        if not one.flag or (one.table.in_file and (free or one.table.key == "columns")):
            continue  # a setting of the TOML file: any keyword, or the argument `columns`
        name = one.option.name
        named = name in parameters or OTHER_NAMES.get(name) in parameters
        assert named or (command == "bundle" and free), f"{command}: {name}"
