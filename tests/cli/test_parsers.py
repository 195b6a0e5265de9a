"""Each option is declared once: command line, TOML, Python arguments and checks follow from it."""

import dataclasses

import pytest

from cxrcompare.cli import commands
from cxrcompare.comparison.compare import Options
from cxrcompare.errors import InputError
from cxrcompare.experiment import reading_settings, settings
from cxrcompare.labels.policy import Policy
from cxrcompare.options import command_tables as declarations
from cxrcompare.options.evaluation import Evaluation
from cxrcompare.training import run_config

RUN = [one for one in declarations.placed("run") if one.table.in_file]
MODELS = {
    "": settings.Settings,
    "images": settings.Images,
    "splits": settings.Splits,
    "sample": settings.Sample,
    "evaluation": settings.Evaluation,
    "labels": Policy,
    "training": run_config.RunConfig,
    "training.augmentation": run_config.Augmentation,
    "columns": settings.OwnColumns,
}
TABLES_IN_A_FILE = {"images", "splits", "sample", "labels", "training", "evaluation", "columns"}
OF_ONE_TRAINING = {"model", "seed", "store", "findings", "policy", "augmentation"}
TABLES_ONLY = {"training.loss_options", "columns.findings", "columns.values"}

WORDS = {
    "evaluation.ensemble": ("a,b", ["a,b"]),
    "models": ("mobilenet,resnet34", ["mobilenet", "resnet34"]),
    "seeds": ("3,4", [3, 4]),
    "findings": ("Edema,Mass", ["Edema", "Mass"]),
    "labels.policy": ("u-zeros", "u-zeros"),
    "training.step_epochs": ("2,5", [2, 5]),
    "columns.other_findings": ("Silicosis", ["Silicosis"]),
    "labels.ones_range": ("0.6,0.7", [0.6, 0.7]),
    "labels.zeros_range": ("0.1,0.2", [0.1, 0.2]),
    "evaluation.scores": ("a,b", ["a", "b"]),
    "evaluation.threshold_rule": ("sensitivity=0.9", "sensitivity=0.9"),
    "evaluation.decision_thresholds": ("0.15,0.3", "0.15,0.3"),
    "evaluation.pooling_scale": ("0.1", 0.1),
    "evaluation.site": ("hospital", "hospital"),
    "evaluation.reference_groups": ("sex=M,age=40", ["sex=M", "age=40"]),
}


def example(one):
    """Returns a word of the command line for an option, and what it means."""
    if one.dest in WORDS:
        return WORDS[one.dest]
    option = one.option
    if option.choices:
        return option.choices[-1], option.choices[-1]
    if option.type in (int, float):
        bounds = option.option
        high = bounds.le if bounds.le is not None else bounds.lt
        low = bounds.ge if bounds.ge is not None else bounds.gt
        value = option.type(low + 1 if high is None or low + 1 < high else (low + high) / 2)
        return str(value), value
    return "word", "word"


def parse(words):
    chosen = vars(commands._parser().parse_args(words))
    return {key: value for key, value in chosen.items() if value is not None}


@pytest.mark.parametrize("key", MODELS)
def test_a_file_has_the_keys_that_are_declared(key):
    fields = set(MODELS[key].model_fields)
    if key == "":
        fields -= TABLES_IN_A_FILE
    if key == "training":
        fields -= OF_ONE_TRAINING
    assert fields == {one.option.name for one in RUN if one.table.key == key}


@pytest.mark.parametrize("one", RUN, ids=lambda one: one.dest)
def test_the_command_line_of_run_sets_every_key(one):
    if one.dest in TABLES_ONLY:
        assert not one.flag
        return
    if one.option.type is bool:
        assert parse(["run", one.flag])[one.dest] is True
        assert parse(["run", f"--no-{one.flag[2:]}"])[one.dest] is False
        word, value = None, True
    else:
        word, value = example(one)
        found = parse(["run", one.flag, word])[one.dest]
        assert found == value or str(found) == value
    chosen = reading_settings.load(None, {one.dest: value})
    held = chosen.model_dump(mode="json")
    for part in one.dest.split("."):
        held = held[part]
    assert held == value
    assert one.dest not in parse(["run"])  # a file's value stays if no option is given


@pytest.mark.parametrize(("words", "expected"), [([], True), (["a"], ["a"]), (["a,b"], ["a", "b"])])
def test_scores_are_of_all_models_or_of_those_named(words, expected):
    assert parse(["run", "--scores", *words])["evaluation.scores"] == expected
    files = ["compare", "c.csv", "--reference", "r.csv", "--out", "o", "--scores"]
    assert parse([*files, *words])["scores"] == expected


def test_options_in_python_are_those_of_the_file():
    names = {field.name for field in dataclasses.fields(Options)} - {"findings"}
    assert names == set(settings.Evaluation.model_fields)
    assert Options(**settings.Evaluation().model_dump()) == Options()


NUMBERS = [
    one
    for one in declarations.placed("compare")
    if one.table.declaration is Evaluation and one.option.type in (int, float)
]


@pytest.mark.parametrize("one", NUMBERS, ids=lambda one: one.dest)
def test_command_line_file_and_python_have_the_same_range(one, tmp_path, capsys):
    bounds = one.option.option
    low = bounds.ge if bounds.ge is not None else bounds.gt
    outside = one.option.type(low - 1)
    compare = ["compare", "a.csv", "--reference", "b.csv", "--out", str(tmp_path / "o")]
    run = next(other for other in RUN if other.dest == f"evaluation.{one.dest}")
    for words in ([*compare, one.flag, str(outside)], ["run", run.flag, str(outside)]):
        assert commands.main(words) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert one.option.option.range() in line
        assert line.startswith(f"cxrcompare: argument {words[-2]}: must be ")
    file = tmp_path / "e.toml"
    file.write_text(f"[evaluation]\n{one.dest} = {outside}\n")
    with pytest.raises(InputError, match=rf"e\.toml: `evaluation\.{one.dest}`: must be "):
        reading_settings.load(file, {})
    with pytest.raises(InputError, match=f"`{one.dest}` must be {one.option.option.range()}"):
        Options(**{one.dest: outside})


@pytest.mark.parametrize("command", declarations.TABLES)
def test_every_option_has_one_sentence_without_an_end(command):
    for one in declarations.placed(command):
        assert one.option.option.help
        assert not one.option.option.help.endswith(".")


def test_numbers_that_are_none_are_refused(capsys):
    for word in ("x", "nan", "1.5"):
        assert commands.main(["run", "--jobs", word]) == 2
        assert "must be a whole number, 1 or more. Received: " in capsys.readouterr().err
    assert commands.main(["run", "--level", "nan"]) == 2
    assert "must be a number, from 0.5 to 0.9999. Received: nan" in capsys.readouterr().err
