"""Patients and groups with two spellings, and ids that name nobody."""

import dataclasses

import numpy as np

from cxrcompare.comparison.suspicions import spellings
from cxrcompare.predictions import Aligned


def part(patients):
    names = np.array([f"s{n}" for n in range(len(patients))], dtype=object)
    return Aligned(
        "study",
        names,
        names,
        np.array(patients, dtype=object),
        ("Edema",),
        np.zeros((len(patients), 1)),
        (("a", ""),),
        np.zeros((1, len(patients), 1)),
        None,
        (),
    )


def codes(notes):
    return [note.code for note in notes]


def test_plain_patients_raise_nothing():
    assert spellings.patients(part(["p1", "p1", "p10", "p2"]), part(["q1", "p3"])) == []


def test_two_spellings_in_a_set_and_across_sets():
    (note,) = spellings.patients(part(["P1", "p1 ", "p2", "P2", "p2"]), None)
    assert note.code == "patient_spelling"
    assert note.message.startswith("2 patients of the test set")
    (note,) = spellings.patients(part(["00012", "00013"]), part(["12", "99"]))
    assert "1 patients of validation may be patients of the test set" in note.message
    assert "'12' and '00012'" in note.message


def test_a_placeholder_of_several_units():
    (note,) = spellings.patients(part(["a", "unknown", "unknown", "nan"]), None)
    assert note.code == "patient_placeholder"
    assert "2 units" in note.message
    assert spellings.patients(part(["a", "unknown", "b"]), None) == []


def test_studies_in_place_of_unknown_patients_are_not_checked():
    plain = part(["1", "01"])
    unknown = dataclasses.replace(plain, patients=plain.studies)
    assert len(spellings.patients(unknown, plain)) == 1  # of the known patients only
    assert codes(spellings.patients(unknown, None)) == []


def test_groups_with_two_spellings():
    values = {
        "Sex": np.array(["F", "Female", "M", "", "f"], dtype=object),
        "Site": np.array(["A", "B", "A"], dtype=object),
        "View": np.array(["AP", " ap", "PA"], dtype=object),
    }
    notes = spellings.groups(values)
    assert codes(notes) == ["group_spelling"] * 2
    assert notes[0].message.endswith("'F' and 'Female' and 'f'")
    assert notes[1].message.startswith("View: ")
