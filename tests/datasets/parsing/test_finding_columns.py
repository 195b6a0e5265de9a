"""Tests of the choice of columns that are findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxrcompare.datasets.parsing import label_file
from cxrcompare.datasets.parsing.finding_columns import FindingColumns, choose
from cxrcompare.datasets.parsing.own_columns import OwnColumns
from cxrcompare.errors import InputError

TEXT = """file,Effusion,Silicosis,grade,words,empty,Cardiomegaly
a.png,1,1,3,yes,,0
b.png,0,-1,1,no,,
c.png,,yes,1,?,,1
"""


def chosen(tmp_path: Path, own: OwnColumns = OwnColumns(), text: str = TEXT) -> FindingColumns:  # noqa: B008
    (tmp_path / "labels.csv").write_text(text)
    return choose(label_file.read(tmp_path / "labels.csv"), own, ["file"])


def test_columns_of_the_vocabulary_are_findings_and_the_others_are_left_out(tmp_path):
    found = chosen(tmp_path)
    assert found.headers == {"Pleural Effusion": "Effusion", "Cardiomegaly": "Cardiomegaly"}
    assert found.left_out == ("Silicosis", "grade", "words", "empty")
    # two of three cells of Silicosis are states; grade has a 3; words and empty have no state
    assert found.like_findings == ("Silicosis",)


def test_what_the_user_names_comes_first_and_replaces_a_known_name(tmp_path):
    own = OwnColumns(findings={"Cardiomegaly": "silicosis", "Gout": "words"})
    found = chosen(tmp_path, own)
    assert list(found.headers.items()) == [
        ("Cardiomegaly", "Silicosis"),
        ("Gout", "words"),
        ("Pleural Effusion", "Effusion"),
    ]
    assert found.left_out == ("grade", "empty", "Cardiomegaly")
    assert found.like_findings == ("Cardiomegaly",)


@pytest.mark.parametrize("name", ["Silicosis", "silicosis", " SILICOSIS "])
def test_a_further_finding_keeps_the_name_of_its_column(tmp_path, name):
    found = chosen(tmp_path, OwnColumns(other_findings=(name,)))
    assert found.headers["Silicosis"] == "Silicosis"
    assert "Silicosis" not in found.left_out + found.like_findings


def test_a_further_finding_may_be_any_column(tmp_path):
    found = chosen(tmp_path, OwnColumns(other_findings=("grade", "grade")))
    assert found.headers["grade"] == "grade"
    assert list(found.headers) == ["Pleural Effusion", "Cardiomegaly", "grade"]


def test_all_columns_takes_those_that_are_like_findings(tmp_path):
    found = chosen(tmp_path, OwnColumns(all_columns=True))
    assert list(found.headers) == ["Pleural Effusion", "Cardiomegaly", "Silicosis"]
    assert found.like_findings == ()
    assert found.left_out == ("grade", "words", "empty")


def test_words_with_a_meaning_make_a_column_like_a_finding(tmp_path):
    own = OwnColumns(values={"positive": ["yes"], "negative": ["no"], "uncertain": [3]})
    found = chosen(tmp_path, own)
    assert found.like_findings == ("Silicosis", "grade", "words")


@pytest.mark.parametrize(
    ("cells", "like"),
    [
        (["1", "0", "yes"], True),
        (["1", "yes", "no"], False),
        (["1", "yes"], False),
        (["1.0", "0.0", "-1"], True),
        (["1", "0", "2"], False),
        (["1", "0", "nan"], False),
        (["1", "0", "1e9"], False),
        (["", " ", ""], False),
        (["1", "", ""], True),
    ],
)
def test_most_cells_must_be_states_and_no_other_a_number(tmp_path, cells, like):
    text = "file,Edema,mine\n" + "".join(f"{n}.png,1,{cell}\n" for n, cell in enumerate(cells))
    assert chosen(tmp_path, text=text).like_findings == (("mine",) if like else ())


@pytest.mark.parametrize(
    ("own", "text", "message"),
    [
        (
            OwnColumns(findings={"Gout": "gout_yn"}),
            TEXT,
            "`[columns.findings]` must name columns among file, Effusion, Silicosis, grade, words, "
            "empty, Cardiomegaly. Received: 'gout_yn'",
        ),
        (
            OwnColumns(other_findings=("Gout",)),
            TEXT,
            "names among Effusion, Cardiomegaly, Silicosis. Received: Gout",
        ),
        (
            OwnColumns(),
            "file,x,y\na.png,1,2\n",
            "must have a column for a finding, with 1, 0, -1 or blank. Received: file, x, y; name "
            "the findings with --findings (x) or use --all-columns",
        ),
        (OwnColumns(), "file,y\na.png,2\n", "Received: file, y"),
        (OwnColumns(), "file,Effusion,Pleural Effusion\na.png,1,1\n", "both Pleural Effusion"),
    ],
)
def test_what_cannot_be_chosen_is_one_line(tmp_path, own, text, message):
    with pytest.raises(InputError) as caught:
        chosen(tmp_path, own, text)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
