"""The command: a page on standard output, an exit status, and a new file."""

import shlex

import numpy as np
import pytest

from cxrcompare.cli.commands import main
from cxrcompare.predictions import read_predictions


@pytest.fixture
def here(cohort, monkeypatch):
    monkeypatch.chdir(cohort.folder)
    cohort.reference()
    return cohort


def doctor(*words):
    return main(["doctor", *words])


def test_a_healthy_file_has_status_0(here, capsys):
    here.write()
    assert doctor("model.csv", "--reference", "reference.csv") == 0
    assert capsys.readouterr().out == "model.csv against reference.csv: no problem found\n"


def test_each_printed_command_works(here, capsys):
    path = here.write(
        ids=[f"x/{name}" for name in here.ids],
        scores=np.log(here.scores / (1 - here.scores))[:, [1, 0, 2, 3, 4, 5]],
    )
    path.rename("my model__seed3.csv")
    assert doctor("my model__seed3.csv", "--reference", "reference.csv") == 1
    said = capsys.readouterr()
    assert said.err == "cxrcompare: 3 problems found\n"
    commands = [shlex.split(line) for line in said.out.split("\n") if " --apply " in line]
    assert [words[words.index("--apply") + 1] for words in commands] == [
        "ids",
        "logits",
        "columns",
        "ids,logits,columns",
    ]
    for words in commands:
        assert main(words[1:]) == 0
        fixed = read_predictions(words[-1], scores=True)
        assert (fixed.name, fixed.seed) == ("my model", "3")
        if words is not commands[-1]:
            (here.folder / words[-1]).unlink()
    np.testing.assert_allclose(fixed.values, here.scores, rtol=0, atol=1e-12)
    assert doctor(words[-1], "--reference", "reference.csv") == 0


def test_a_page_fits_the_width_of_a_terminal_and_warns_of_circular_repairs(here, capsys):
    here.write(scores=np.roll(1 - here.scores, 1, axis=1))
    assert doctor("model.csv", "--reference", "reference.csv") == 1
    text = capsys.readouterr().out
    lines = [line for line in text.split("\n") if not line.startswith("   cxrcompare ")]
    assert max(map(len, lines)) <= 100
    assert "after the inversion" in text
    assert text.count("Confirm the cause") == text.count("inverted:") + text.count("columns:")


def test_several_files_have_a_page_each(here, capsys):
    here.write("one")
    here.write("two", scores=100 * here.scores)
    assert doctor("one.csv", "two.csv", "--reference", "reference.csv") == 1
    said = capsys.readouterr()
    assert said.out.startswith("one.csv against reference.csv: no problem found\n\ntwo.csv against")
    assert said.err == "cxrcompare: 1 problem found\n"


def test_a_note_has_status_0(here, capsys):
    path = here.write()
    path.write_text("\n".join(line.rpartition(",")[0] for line in path.read_text().split("\n")))
    assert doctor("model.csv", "--reference", "reference.csv") == 0
    assert "Only in the reference: Pneumothorax." in capsys.readouterr().out


def test_other_columns_and_the_text_of_ids_are_kept(here):
    path = here.write(scores=100 * here.scores, ids=[f"x/{name}" for name in here.ids])
    lines = path.read_text().split("\n")
    path.write_text("\n".join([f"{lines[0]},split", *(f"{line},test" for line in lines[1:-1])]))
    words = ("--reference", "reference.csv", "--apply", "percent", "--out", "new.csv")
    assert doctor("model.csv", *words) == 0
    first, second, *_ = (here.folder / "new.csv").read_text().split("\n")
    assert first == f"{lines[0]},split"
    assert second.startswith("x/00000.png,")
    assert second.endswith(",test")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--apply", "percent"], "`--apply` and `--out` must be given together"),
        (["--out", "new.csv"], "`--apply` and `--out` must be given together"),
        (["two.csv", "--apply", "percent", "--out", "new.csv"], "Received: 2 files"),
        (["--apply", "percents", "--out", "new.csv"], "`apply` must be names of ids, extra"),
        (["--apply", ",", "--out", "new.csv"], "no --apply"),
        (["--apply", "percent,rows", "--out", "new.csv"], "needs (percent). Received: rows"),
        (["--apply", "percent", "--out", "reference.csv"], "must be a new file"),
        (["--apply", "percent", "--out", "model.csv"], "must be a new file"),
    ],
)
def test_wrong_input_is_one_line_and_status_2(here, capsys, words, message):
    here.write(scores=100 * here.scores)
    files = ["model.csv", *(word for word in words if word == "two.csv")]
    words = [word for word in words if word != "two.csv"]
    (here.folder / "two.csv").touch()
    before = {path.name: path.read_bytes() for path in here.folder.iterdir()}
    assert doctor(*files, "--reference", "reference.csv", *words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert message in said.err
    assert {path.name: path.read_bytes() for path in here.folder.iterdir()} == before


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("model.csv", "image_id,Edema\n00000.png,\n", "must have a number in every row"),
        ("model.csv", "image_id,Edema\n00000.png,inf\n", "must be a finite score"),
        ("model.csv", "name,Edema\n00000.png,0.5\n", "with an id column"),
        ("reference.csv", "image_id,Edema\n00000.png,2\n", "must be 1, 0 or blank"),
    ],
)
def test_a_file_that_is_no_table_of_numbers_has_status_2(here, capsys, file, text, message):
    here.write()
    (here.folder / file).write_text(text)
    assert doctor("model.csv", "--reference", "reference.csv") == 2
    said = capsys.readouterr()
    assert file in said.err
    assert message in said.err
