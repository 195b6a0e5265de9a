"""Predictions and reference standard joined by id and finding name, never by position."""

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import (
    align,
    read_predictions,
    read_reference,
)

REFERENCE = "study_id,Edema,Mass\na,1,0\nb,0,1\nc,,1\n"


def test_rows_and_columns_are_joined_by_name(joined):
    one = joined(REFERENCE, m="Mass,study_id,edema\n.9,c,.1\n.8,a,.2\n.7,b,.3\n")
    assert one.findings == ("Edema", "Mass")
    assert one.units.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(one.scores[0], [[0.2, 0.8], [0.3, 0.7], [0.1, 0.9]])
    np.testing.assert_array_equal(one.labels, [[1, 0], [0, 1], [np.nan, 1]])


@pytest.mark.parametrize("cells", [("hello", "", "you"), ("", "", ""), ("1", "", "2")])
def test_a_column_of_text_is_left_out_and_it_says_so(joined, cells):
    rows = "".join(f"{name},.1,{cell},.1\n" for name, cell in zip("abc", cells, strict=True))
    one = joined(REFERENCE, m="study_id,Edema,comment,Mass\n" + rows)
    assert one.findings == ("Edema", "Mass")
    notes = [note for note in one.notes if note.code == "columns_left_out"]
    assert [note.model for note in notes] == ["m"]
    assert "comment" in notes[0].message


@pytest.mark.parametrize("finding", ["Edema", "Scoliosis"])
def test_text_in_a_finding_of_vocabulary_or_reference_is_an_error(joined, finding):
    reference = f"study_id,Mass,{finding}\na,1,0\nb,0,1\n"
    with pytest.raises(InputError, match=f"row 3, column '{finding}': must be a number"):
        joined(reference, m=f"study_id,Mass,{finding}\na,.1,.2\nb,.1,none\n")


def test_a_column_of_numbers_that_is_no_finding_is_an_error(joined):
    with pytest.raises(InputError, match=r"Mass\). Received: 'epoch'"):
        joined(REFERENCE, m="study_id,Edema,Mass,epoch\na,.1,.1,1\nb,.1,.1,1\nc,.1,.1,1\n")


def test_a_table_of_text_alone_is_an_error(put):
    with pytest.raises(InputError, match="row 2, column 'comment': must be a number"):
        read_predictions(put("m.csv", "study_id,comment\na,hello\n"))


def test_without_patients_every_study_is_one_and_it_says_so(joined):
    one = joined(REFERENCE, m="study_id,Edema,Mass\na,.1,.1\nb,.1,.1\nc,.1,.1\n")
    assert one.patients.tolist() == ["a", "b", "c"]
    assert [note.code for note in one.notes] == ["patients_unknown"]
    assert one.images is None


VIEWS = "image_id,study_id,patient_id,Edema,Mass\ni3,s2,p2,.3,.1\ni1,s1,p1,.1,.8\ni2,s1,p1,.5,.2\n"


def test_a_reference_by_image_is_collapsed_to_studies(joined):
    reference = "image_id,Edema,Mass\ni1,1,\ni2,1,0\ni3,0,\n"
    one = joined(reference, m=VIEWS)
    assert one.units.tolist() == ["s1", "s2"]
    np.testing.assert_array_equal(one.labels, [[1, 0], [0, np.nan]])


def test_views_with_different_labels_are_refused_as_a_study_and_fine_as_images(joined):
    reference = "image_id,Edema,Mass\ni1,1,0\ni2,0,0\ni3,0,1\n"
    with pytest.raises(InputError, match=r"'Edema'.*one label.*'s1'"):
        joined(reference, m=VIEWS)
    one = joined(reference, unit="image", m=VIEWS)
    assert one.units.tolist() == ["i1", "i2", "i3"]
    np.testing.assert_allclose(one.scores[0, :, 0], [0.1, 0.5, 0.3])
    assert one.patients.tolist() == ["p1", "p1", "p2"]


def test_a_reference_by_study_is_given_to_each_image(joined):
    one = joined("study_id,Edema,Mass\ns1,1,0\ns2,0,1\n", unit="image", m=VIEWS)
    assert one.units.tolist() == ["i3", "i1", "i2"]
    np.testing.assert_array_equal(one.labels[:, 0], [0, 1, 1])


def test_chexpert_releases_join(joined):
    one = joined(
        "Study,Edema\nCheXpert-v1.0/test/patient1/study1,1\nCheXpert-v1.0/test/patient2/study1,0\n",
        m=(
            "Path,Edema\nCheXpert-v1.0-small/test/patient2/study1/view1_frontal.jpg,.2\n"
            "x/patient1/study1/view1_frontal.jpg,.4\nx/patient1/study1/view2_lateral.jpg,.6\n"
        ),
    )
    np.testing.assert_allclose(one.scores[0, :, 0], [0.6, 0.2])
    assert one.patients.tolist() == ["patient1", "patient2"]


@pytest.mark.parametrize(
    ("predictions", "parts"),
    [
        ("study_id,Edema,Mass\na,.1,.1\nb,.1,.1\n", ["m.csv", "'c'", "reference.csv"]),
        (
            "study_id,Edema,Mass\na,.1,.1\nb,.1,.1\nc,.1,.1\nd,.1,.1\n",
            ["reference.csv: must", "'d'", "m.csv"],
        ),
        ("study_id,Edema\na,.1\nb,.1\nc,.1\n", []),
        ("study_id,Edema,Hernai\na,.1,.1\nb,.1,.1\nc,.1,.1\n", ["'Hernai'", "did you mean"]),
        ("study_id,Hernia\na,.1\nb,.1\nc,.1\n", ["must have a finding", "Hernia"]),
    ],
)
def test_ids_and_findings_must_fit(joined, predictions, parts):
    if not parts:  # fewer findings than the reference: the others are left out, and it says so
        one = joined(REFERENCE, m=predictions)
        assert one.findings == ("Edema",)
        assert "Mass" in one.notes[0].message
        return
    with pytest.raises(InputError) as caught:
        joined(REFERENCE, m=predictions)
    for part in parts:
        assert part in str(caught.value)


def test_many_missing_ids_are_counted_not_listed(joined):
    reference = "study_id,Edema\n" + "".join(f"s{n},1\n" for n in range(50))
    with pytest.raises(InputError, match="and 44 more"):
        joined(reference, m="study_id,Edema\ns0,.5\n")


def test_models_must_predict_the_same_findings_unless_chosen(joined):
    files = {
        "m": "study_id,Edema,Mass\na,.1,.1\nb,.1,.1\nc,.1,.1\n",
        "n": "study_id,Edema\na,.1\nb,.1\nc,.1\n",
    }
    with pytest.raises(InputError, match=r"n\.csv.*Mass.*--findings"):
        joined(REFERENCE, **files)
    assert joined(REFERENCE, findings=["edema"], **files).findings == ("Edema",)


def test_a_chosen_finding_must_be_there(joined):
    with pytest.raises(InputError, match="Hernia"):
        joined(REFERENCE, findings="Hernia", m="study_id,Edema,Mass\na,.1,.1\nb,.1,.1\nc,.1,.1\n")


def test_findings_of_another_data_set_are_left_out_and_named(joined):
    one = joined(REFERENCE, m="study_id,Edema,Mass,Hernia\na,.1,.1,0\nb,.1,.1,0\nc,.1,.1,0\n")
    assert one.findings == ("Edema", "Mass")
    assert (one.notes[0].code, one.notes[0].model) == ("findings_left_out", "m")
    assert "Hernia" in one.notes[0].message


def test_findings_nobody_knows_join_where_both_have_them(joined):
    one = joined("study_id,Scoliosis X\na,1\n", m="study_id,scoliosis_x\na,.5\n")
    assert one.findings == ("Scoliosis X",)


def test_images_of_one_file_and_not_of_another_are_refused(joined):
    fewer = "image_id,study_id,Edema,Mass\ni3,s2,.3,.1\ni1,s1,.1,.8\n"
    with pytest.raises(InputError, match=r"n\.csv.*'i2'"):
        joined("study_id,Edema,Mass\ns1,1,0\ns2,0,1\n", m=VIEWS, n=fewer)


def test_two_files_of_one_run_are_refused(put):
    text = "study_id,Edema\na,.5\n"
    files = [read_predictions(put(f"{folder}/m__seed1.csv", text)) for folder in ("x", "y")]
    with pytest.raises(InputError, match="unique file name"):
        align(files, read_reference(put("r.csv", "study_id,Edema\na,1\n")))


def test_an_architecture_with_and_without_seeds_is_refused(put):
    text = "study_id,Edema\na,.5\n"
    files = [read_predictions(put(name, text)) for name in ("m.csv", "m__seed1.csv")]
    with pytest.raises(InputError, match="seed"):
        align(files, read_reference(put("r.csv", "study_id,Edema\na,1\n")))


def test_unit_image_needs_images(joined):
    with pytest.raises(InputError, match="row per image"):
        joined(REFERENCE, unit="image", m="study_id,Edema,Mass\na,.1,.1\nb,.1,.1\nc,.1,.1\n")


def test_order_of_rows_and_columns_changes_nothing(joined):
    rng = np.random.default_rng(3)
    rows = [f"s{n},{rng.random():.6f},{rng.random():.6f}" for n in range(40)]
    labels = [f"s{n},{rng.integers(2)},{rng.integers(2)}" for n in range(40)]
    head = "study_id,Edema,Mass\n"
    straight = joined(head + "\n".join(labels), m=head + "\n".join(rows))
    turned = [",".join(np.array(row.split(","))[[2, 0, 1]]) for row in rng.permutation(rows)]
    mixed = joined(head + "\n".join(labels), m="Mass,study_id,Edema\n" + "\n".join(turned))
    np.testing.assert_array_equal(straight.scores, mixed.scores)


@pytest.mark.parametrize("unit", ["study", "image"])
def test_files_with_the_rows_of_the_reference_share_them_and_are_joined_alike(put, unit):
    rows = [("i3", "s2", "p2"), ("i1", "s1", "p1"), ("i2", "s1", "p3"), ("p7/s/i", "", "")]
    head = "image_id,study_id,patient_id,Edema\n"
    texts = [
        head + "".join(f"{','.join(row)},{0.1 * n + k / 7}\n" for n, row in enumerate(rows))
        for k in range(3)
    ]
    standard = read_reference(
        put("reference.csv", head + "".join(f"{','.join(row)},1\n" for row in rows))
    )
    paths = [put(f"m{k}.csv", text) for k, text in enumerate(texts)]
    shared = [read_predictions(path, like=standard.rows) for path in paths]
    apart = [read_predictions(path) for path in paths]
    assert all(one.rows is standard.rows for one in shared)
    for one in apart:
        assert one.rows is not standard.rows
        for name in ("ids", "studies", "patients"):
            assert getattr(one.rows, name).tolist() == getattr(standard.rows, name).tolist()
    expected, found = (align(files, standard, unit) for files in (apart, shared))
    np.testing.assert_array_equal(found.scores, expected.scores)
    np.testing.assert_array_equal(found.patients, expected.patients)
    assert found.notes == expected.notes
    assert found.units.tolist() == expected.units.tolist()


@pytest.mark.parametrize(
    "text",
    [
        "study_id,Edema\nb,.1\na,.2\n",
        "study_id,patient_id,Edema\na,p,.2\nb,,.1\n",
        "image_id,Edema\na,.2\nb,.1\n",
    ],
)
def test_files_with_other_rows_than_the_reference_do_not_share_them(put, text):
    standard = read_reference(put("reference.csv", "study_id,Edema\na,1\nb,0\n"))
    one = read_predictions(put("m.csv", text), like=standard.rows)
    assert one.rows is not standard.rows
    assert one.rows.cells is None
