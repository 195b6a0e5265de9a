"""Tests of settings: default < file < option, and errors that name key, file and choices."""

import os
from pathlib import Path

import pytest

from cxrcompare.errors import InputError
from cxrcompare.experiment.reading_settings import load
from cxrcompare.options.experiment import FIVE

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


def toml(tmp_path, text):
    file = tmp_path / "e.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_with_nothing_said_it_is_the_five_on_the_sample():
    settings = load(None, {})
    assert settings.models == FIVE
    assert settings.data is None
    assert settings.name == "demo"


@pytest.mark.parametrize("file", sorted(EXPERIMENTS.glob("*.toml")), ids=lambda file: file.stem)
def test_every_experiment_of_the_project_can_be_run(file):
    settings = load(file, {})
    assert settings.name == file.stem
    assert set(settings.models) <= set(FIVE)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('jobs = "2"', "jobs"),
        ("jobs = true", "jobs"),
        ('seeds = ["1"]', "seeds"),
        ("seeds = [true]", "seeds"),
        ('[images]\nsize = "64"', "images.size"),
        ('[training]\nepochs = "3"', "training.epochs"),
        ("[training]\nepochs = true", "training.epochs"),
        ('[training]\ndropout = "0.5"', "training.dropout"),
        ('[training]\ndeterministic = "yes"', "training.deterministic"),
        ('[labels]\nseed = "1"', "labels.seed"),
        ('name = "../../evil"', "name"),
        ("data = 3", "data"),
    ],
)
def test_a_value_of_another_type_is_refused(tmp_path, text, key):
    with pytest.raises(InputError, match=rf"e\.toml: `{key}[`.].*Received: "):
        load(toml(tmp_path, text), {})


@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        ".hidden",
        "",
        " ",
        "a/b",
        "a\\\\b",
        "a\\u0000b",
        "a\\nb",
        "a.",
        "a:b",
        "a*",
        "~",
        "n" * 101,
        "é" * 51,
    ],
)
def test_a_name_that_is_no_plain_name_of_a_folder_is_refused(tmp_path, name):
    with pytest.raises(InputError, match=r"e\.toml: `name`: must .*Received: ") as caught:
        load(toml(tmp_path, f'name = "{name}"'), {})
    assert "\n" not in str(caught.value)
    assert "\0" not in str(caught.value)


@pytest.mark.parametrize("name", ["five networks", "a-b_c.d", "3", "Études 2", "n" * 100])
def test_plain_names_are_taken(tmp_path, name):
    assert load(toml(tmp_path, f'name = "{name}"'), {}).name == name


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("CheXpert-v1.0-small (copy)", "CheXpert-v1.0-small _copy_"),
        (".hidden", "hidden"),
        ("/", "comparison"),
        ("x" * 200, "x" * 100),
        ("a\nb", "a_b"),
    ],
)
def test_without_a_name_it_is_what_may_stand_in_one_of_the_datas_folder(folder, name):
    assert load(None, {"data": folder}).name == name


def test_whole_numbers_do_for_others_and_texts_for_paths(tmp_path):
    settings = load(toml(tmp_path, 'data = "d"\n[training]\nlearning_rate = 1\n'), {})
    assert settings.data == Path("d")


@pytest.mark.parametrize("table", ["training", "images", "labels", "evaluation"])
def test_an_option_of_a_table_that_is_none_is_refused(tmp_path, table):
    file = toml(tmp_path, f'{table} = "modern"\n')
    with pytest.raises(InputError, match=f"`{table}` must be a table"):
        load(file, {f"{table}.seed": 1})


def test_an_option_beats_the_file_which_beats_the_default(tmp_path):
    file = toml(tmp_path, 'name = "x"\ndata = "d"\n[images]\nsize = 224\n[training]\nepochs = 3\n')
    settings = load(file, {"images.size": 96, "training.recipe": "original"})
    assert settings.images.size == 96
    assert settings.training == {"epochs": 3, "recipe": "original"}
    assert load(file, {}).images.size == 224
    assert load(None, {"data": "d"}).images.size == 320


def test_the_contracts_example_is_understood(tmp_path):
    file = toml(
        tmp_path,
        """
name = "five-networks"
data = "CheXpert-v1.0-small"
models = ["resnet34", "resnet50", "resnet101", "densenet121", "mobilenet"]
seeds = [0, 1, 2]

[images]
size = 320

[labels]
policy = "u-ones"

[training]
recipe = "modern"
weights = "imagenet"
""",
    )
    settings = load(file, {})
    assert settings.models == FIVE
    assert settings.seeds == (0, 1, 2)
    assert settings.labels == {"policy": "u-ones"}


def test_the_sample_keeps_its_defaults_where_the_file_says_nothing(tmp_path):
    settings = load(toml(tmp_path, "[training]\nepochs = 1\n"), {})
    assert settings.training["epochs"] == 1
    assert settings.training["weights"] == "none"
    assert settings.images.size == 48


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sedes = [1]", r"e\.toml: unknown key `sedes`; the choices are name, data, .*seeds"),
        (
            "[images]\nsise = 3",
            r"e\.toml: unknown key `images\.sise`; the choices are size, max_rejected",
        ),
        ("[images]\nsize = 'big'", r"e\.toml: `images\.size`: .*integer.*Received: 'big'"),
        (
            "[images]\nsize = 4",
            r"e\.toml: `images\.size`: .*greater than or equal to 32.*Received: 4",
        ),
        ("seeds = []", r"e\.toml: `seeds`"),
        ("seeds = [1, 1]", r"e\.toml: `seeds`: must not have repeated values"),
        ("seeds = [-1]", r"e\.toml: `seeds`: must be 0 or more"),
        ("models = ['resnet35']", r"e\.toml: `models`: must be one of .*did you mean resnet\d+\?"),
        ("[evaluation]\nunit = 'patient'", r"e\.toml: `evaluation\.unit`: .*study.*image"),
        (
            "[evaluation]\ndecision_thresholds = '0.1,2'",
            r"evaluation\.decision_thresholds`: .*above 0 and below 1.*Received: 0\.1,2",
        ),
        (
            "[evaluation]\nthreshold_rule = 'best'",
            r"e\.toml: `evaluation\.threshold_rule`: .*must be youden, f1, .*Received: best",
        ),
        (
            "[evaluation]\nbin = 3",
            r"e\.toml: unknown key `evaluation\.bin`; the choices are unit, .*bins, power",
        ),
        ("[labels]\npolicy = 'u-two'", r"e\.toml: `labels\.policy`: .*u-ones.*Received: .*u-two"),
        (
            "[labels]\npolcy = 'u-ones'",
            r"unknown key `labels\.polcy`; the choices are policy, blank",
        ),
        ("[training]\nrecipe = 'old'", r"`training\.recipe`: must be 'modern' or 'original'"),
        ("[training]\nepocs = 3", r"unknown key `training\.epocs`; the choices are epochs, "),
        ("[training]\nseed = 3", r"unknown key `training\.seed`; use `seeds`"),
        ("name = ", r"e\.toml: must be a readable TOML file"),
        ("\ufeffname = 'x'", r"e\.toml: must be a readable TOML file"),
    ],
)
def test_what_is_wrong_is_named_with_its_key_and_file(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        load(toml(tmp_path, text), {})


def test_a_huge_file_and_a_pipe_are_not_read(tmp_path):
    with (tmp_path / "huge.toml").open("wb") as file:
        file.truncate(1 << 40)
    os.mkfifo(tmp_path / "pipe.toml")
    for name in ("huge", "pipe"):
        with pytest.raises(InputError, match=rf"{name}\.toml: must be a readable TOML file"):
            load(tmp_path / f"{name}.toml", {})


@pytest.mark.parametrize("value", ["[" * 5000, "9" * 5000, "\\ud800"])
def test_deep_toml_and_long_numbers_are_one_line(tmp_path, value):
    path = tmp_path / "deep.toml"
    path.write_text(f"seeds = {value}\n")
    with pytest.raises(InputError, match="must be a readable TOML file") as caught:
        load(path, {})
    assert "\n" not in str(caught.value)
