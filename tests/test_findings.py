"""Tests of the vocabulary of findings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare import findings
from cxrcompare.errors import InputError


def test_the_fourteen_are_in_the_order_of_the_label_file():
    assert len(findings.CHEXPERT) == len(set(findings.CHEXPERT)) == 14
    assert findings.CHEXPERT[0] == "No Finding"
    assert findings.CHEXPERT[-1] == "Support Devices"
    assert set(findings.COMPETITION) < set(findings.CHEXPERT)
    assert len(findings.NIH) == len(set(findings.NIH)) == 14


def test_parents_are_findings_and_have_no_cycle():
    for child, parent in findings.PARENTS.items():
        assert {child, parent} <= set(findings.CHEXPERT)
        seen = {child}
        while parent:
            assert parent not in seen
            seen.add(parent)
            parent = findings.PARENTS.get(parent)


@pytest.mark.parametrize("name", findings.KNOWN)
@pytest.mark.parametrize(
    "spell",
    [str.lower, str.upper, lambda n: n.replace(" ", "_"), lambda n: f" {n.replace(' ', '-')} "],
)
def test_case_spaces_and_underscores_do_not_distinguish_names(name, spell):
    assert findings.canonical(spell(name)) == name


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("Effusion", "Pleural Effusion"),
        ("Airspace Opacity", "Lung Opacity"),
        ("Pleural_Thickening", "Pleural Thickening"),
        ("Enlarged Cardiom.", "Enlarged Cardiomediastinum"),
        ("Oedema", "Edema"),
    ],
)
def test_aliases_join_data_sets(alias, name):
    assert findings.canonical(alias) == name


@pytest.mark.parametrize("name", ["", "Lung", "Mass2", "Lesion Lung", "Sex"])
def test_other_names_are_not_findings(name):
    assert findings.canonical(name) is None


def test_names_that_are_alike_stay_apart():
    # NIH's Mass is not CheXpert's Lung Lesion, and its Pleural Thickening is not Pleural Other.
    assert findings.canonical("Mass") == "Mass"
    assert findings.canonical("Pleural Thickening") != findings.canonical("Pleural Other")
    assert not findings.same("Lung Lesion", "Lung Opacity")


@given(st.text())
def test_any_text_is_accepted_without_an_error(text):
    assert findings.canonical(text) in (*findings.KNOWN, None)


def test_select_keeps_the_order_of_the_available_findings():
    available = (
        "Edema",
        "Cardiomegaly",
        "Atelectasis",
        "Consolidation",
        "Pleural Effusion",
        "Hernia",
    )
    assert findings.select("all", available) == available
    assert findings.select("competition", available) == available[:5]
    assert findings.select("atelectasis, edema", available) == ("Edema", "Atelectasis")
    assert findings.select(["effusion"], available) == ("Pleural Effusion",)


def test_select_accepts_a_name_outside_the_vocabulary():
    assert findings.select("my finding", ("My_Finding", "Edema")) == ("My_Finding",)


@pytest.mark.parametrize("choice", ["Edema,Hernia", "", [], "Nonsense"])
def test_select_names_missing_findings(choice):
    with pytest.raises(InputError, match=r"must be all, competition or names among Edema, Mass"):
        findings.select(choice, ("Edema", "Mass"))
