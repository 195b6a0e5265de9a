"""Data frames and dicts of arrays are read like files: by id, and by the names of the columns."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import read_metadata, read_predictions, read_reader, read_reference

EDEMA = np.array([0.25, 0.5, 0.75])


def refused(source, match, read=read_predictions, **options):
    with pytest.raises(InputError, match=match) as caught:
        read(source, name="net", **options)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("<net>: ")


def values_of(one):
    return dict(zip(one.rows.ids.tolist(), one.values[:, 0].tolist(), strict=True))


@pytest.mark.parametrize(
    "source",
    [
        pd.DataFrame({"study_id": ["a", "b", "c"], "oedema": EDEMA}),
        pd.DataFrame({"Edema": EDEMA}, index=pd.Index(["a", "b", "c"], name="study_id")),
        pd.DataFrame({"Edema": EDEMA}, index=["a", "b", "c"]),
        pd.DataFrame({"id": ["a", "b", "c"], "Edema": EDEMA.astype(np.float32)}),
        pd.DataFrame({"id": pd.Categorical(["a", "b", "c"]), "Edema": pd.array(EDEMA, "Float64")}),
        {"ids": ["a", "b", "c"], "Edema": EDEMA.tolist()},
        {"ids": np.array(["a", "b", "c"]), "findings": ["Edema"], "scores": EDEMA[:, None]},
        {"study_id": np.array([b"a", b"b", b"c"]), "Edema": EDEMA},
    ],
)
def test_every_shape_of_a_table_gives_the_same_predictions(source):
    found = read_predictions(source, name="net__seed3")
    assert (found.name, found.seed, str(found.path), found.stored) == (
        "net",
        "3",
        "<net__seed3>",
        False,
    )
    assert found.findings == ("Edema",)
    assert values_of(found) == {"a": 0.25, "b": 0.5, "c": 0.75}


def test_columns_of_patients_and_studies_are_read():
    source = {"image_id": ["a", "b"], "study_id": [7, 8], "patient_id": ["p", "p"], "Edema": [0, 1]}
    rows = read_predictions(source, name="net").rows
    assert (rows.level, rows.studies.tolist(), rows.patients.tolist()) == (
        "image",
        ["7", "8"],
        ["p", "p"],
    )


def test_ids_are_images_or_studies_as_in_the_reference(put):
    text = "image_id,study_id,Edema\ni1,s1,1\ni2,s2,0\n"
    like = read_reference(put("reference.csv", text)).rows
    for ids, level in ((["i1", "i2"], "image"), (["s1", "s2"], "study"), (["x", "y"], "image")):
        found = read_predictions({"ids": ids, "Edema": [0.1, 0.2]}, name="net", like=like)
        assert found.rows.level == level


def test_ids_that_are_numbers_are_text_without_decimals():
    frame = pd.DataFrame({"study_id": [10, 20], "Edema": [0.1, 0.2]})
    assert read_predictions(frame, name="net").rows.ids.tolist() == ["10", "20"]
    floats = frame.astype({"study_id": float})
    assert read_predictions(floats, name="net").rows.ids.tolist() == ["10", "20"]


def test_an_index_of_numbers_is_not_an_id():
    frame = pd.DataFrame({"Edema": EDEMA}, index=[5, 3, 1])
    refused(frame, "must be a table with an id column")


def test_labels_with_missing_values_are_unknown():
    frame = pd.DataFrame(
        {"study_id": ["a", "b", "c"], "Edema": pd.array([1, None, 0], "Int64"), "Mass": [1, 0, 1]}
    )
    found = read_reference(frame)
    np.testing.assert_array_equal(found.values, [[1, 1], [np.nan, 0], [0, 1]])
    booleans = pd.DataFrame({"study_id": ["a", "b"], "Edema": [True, False]})
    np.testing.assert_array_equal(read_reference(booleans).values, [[1], [0]])


def test_readers_and_metadata_in_memory():
    reader = read_reader({"ids": ["a", "b"], "Edema": [1, 0]}, name="dr_a")
    assert (reader.name, str(reader.path), reader.stored) == ("dr_a", "<dr_a>", False)
    frame = pd.DataFrame({"study_id": ["a", "b"], "Sex": ["F", None], "Age": [60, 41]})
    columns = read_metadata(frame).columns
    assert {name: one.tolist() for name, one in columns.items()} == {
        "Sex": ["F", ""],
        "Age": ["60", "41"],
    }


@pytest.mark.parametrize(
    ("source", "match"),
    [
        ({"ids": ["a"], "Edema": [1.5]}, r"row 1, column 'Edema': .*Received: 1\.5"),
        ({"ids": ["a", "b"], "Edema": [0.1]}, r"`Edema` must have 2 values, as 'ids' has.*: 1$"),
        ({"ids": ["a", "a"], "Edema": [0.1, 0.2]}, r"row 2, .*each id once"),
        ({"ids": ["a"], "Edema": [[0.1, 0.2]]}, r"`Edema` must be \(N,\)\..*shape=\(1, 2\)$"),
        ({"ids": ["a"], "Edema": [1j]}, "dtype complex"),
        ({"ids": [], "Edema": []}, "at least one row"),
        ({}, "at least one row"),
        ({"Edema": [0.1]}, "id column"),
        ({"ids": ["a"], "scores": [[0.1]]}, "both `findings` and `scores`"),
        ({"ids": ["a"], "findings": ["Edema"], "scores": [0.1]}, r"must be \(N, 1\)"),
        ({"ids": ["a"], "findings": ["x", "x"], "scores": [[0.1, 0.2]]}, "once"),
        (pd.DataFrame([[1, 0.1, 0.2]], columns=["study_id", "E", "E"]), "'E' twice"),
        ([0.1, 0.2], r"must be a file, a data frame, .*Received: a list of 2$"),
        (np.zeros((3, 2)), r"Received: an array without ids, shape=\(3, 2\)$"),
        (None, "Received: NoneType$"),
    ],
)
def test_wrong_tables_are_refused_by_name(source, match):
    refused(source, match)


def test_a_torch_tensor_with_a_gradient_is_explained():
    torch = pytest.importorskip("torch")
    scores = torch.tensor([0.1, 0.2], requires_grad=True)
    refused({"ids": ["a", "b"], "Edema": scores}, "`Edema` must be an array")
    found = read_predictions({"ids": ["a", "b"], "Edema": scores.detach()}, name="net")
    assert found.values.ravel().tolist() == pytest.approx([0.1, 0.2])
