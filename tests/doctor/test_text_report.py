"""The page of text about one file."""

from pathlib import Path

from cxrcompare import doctor
from cxrcompare.doctor.problem import Problem
from cxrcompare.doctor.text_report import command, page


def test_control_characters_of_a_header_do_not_reach_the_terminal(cohort):
    path = cohort.write()
    path.write_text(path.read_text().replace("Pneumothorax", "Pneu\x1b[2Jmothorax"))
    reference = cohort.reference()
    text = doctor.page(path, reference, doctor.examine(path, reference))
    assert "unknown_findings" in text
    assert "\x1b" not in text


FILES = Path("runs/my net.csv"), Path("reference.csv")


def test_the_first_line_counts_problems_and_not_notes():
    problem, note = Problem("constant", "One column."), Problem("x", "Intended.", note=True)
    for found, words in (
        ([], "no problem found"),
        ([note], "no problem found"),
        ([problem, note], "1 problem"),
        ([problem, problem], "2 problems"),
    ):
        first = page(*FILES, found).splitlines()[0]
        assert first == f"runs/my net.csv against reference.csv: {words}"


def test_a_problem_has_its_evidence_its_advice_and_its_command():
    one = Problem("rows", "Rows are shifted.", ("AUROC 0.5.",), repair="rows", confirm=True)
    two = Problem("logits", "Logits.", advice="Check them.", repair="logits")
    text = page(*FILES, [one, two])
    assert "\n1. rows: Rows are shifted.\n   AUROC 0.5.\n   Confirm the cause" in text
    assert "\n2. logits: Logits.\n   Check them.\n" in text
    assert text.count("Confirm the cause") == 1
    assert text.endswith(
        f"All of these repairs together:\n   {command(*FILES, ['rows', 'logits'])}"
    )


def test_one_repair_is_not_listed_again():
    one = Problem("rows", "Rows are shifted.", repair="rows")
    assert "together" not in page(*FILES, [one, one])


def test_the_command_keeps_the_name_of_the_model_and_quotes_it():
    assert command(*FILES, ["ids", "rows"]) == (
        "cxrcompare doctor 'runs/my net.csv' --reference reference.csv --apply ids,rows "
        "--out 'runs/fixed/my net.csv'"
    )
