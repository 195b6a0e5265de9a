"""The files of the paper kit."""

import csv

import pytest

from cxrcompare.comparison.result.comparison import TABLES
from cxrcompare.errors import InputError
from cxrcompare.reporting.narrative.checklist import NOT_STATED, checklists
from cxrcompare.reporting.paper import paper_files
from cxrcompare.reporting.paper.paper_files import TODO
from cxrcompare.reporting.results.lookup import Results


@pytest.fixture
def kit(compared, tmp_path):
    paper_files.write(compared, tmp_path / "paper")
    return tmp_path / "paper"


@pytest.mark.parametrize("index", [0, 1])
def test_a_checklist_marks_what_the_author_must_state(compared, kit, index):
    one = checklists(Results(compared))[index]
    name = ("tripod-ai", "claim-2024")[index]
    text = (kit / f"{name}.md").read_text(encoding="utf-8")
    assert text.count(f"**{TODO}**") == len(one.lines) - one.filled
    with (kit / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["item"] for row in found] == [line.item for line in one.lines]
    for row, line in zip(found, one.lines, strict=True):
        assert (row["answered"] == "1") == (line.reported != NOT_STATED)
        assert bool(row["reported"]) == (row["answered"] == "1")
    assert 0 < one.filled < len(one.lines)


def test_tables_are_those_of_the_comparison_without_ids_of_patients(compared, kit):
    written = {path.stem for path in (kit / "tables").glob("*.csv")}
    assert written == {name for name in TABLES if len(getattr(compared, name))} - {"disagreements"}
    assert len(compared.disagreements)
    ids = set(compared.disagreements["id"]) | set(compared.disagreements["patient"])
    text = "".join(path.read_text(encoding="utf-8") for path in kit.rglob("*") if path.is_file())
    assert not [one for one in ids if f'"{one}"' in text or f",{one}," in text]


def test_the_same_comparison_gives_the_same_bytes(compared, kit, tmp_path):
    paper_files.write(compared, tmp_path / "again")
    for path in kit.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (tmp_path / "again" / path.relative_to(kit)).read_bytes()


def test_a_kit_is_replaced_and_nothing_else(compared, kit):
    paper_files.write(compared, kit)
    (kit / "my-draft.tex").write_text("mine")
    with pytest.raises(InputError, match=r"my-draft\.tex"):
        paper_files.write(compared, kit)
