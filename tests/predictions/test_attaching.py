"""Metadata and readers joined with aligned predictions by id."""

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import (
    attach_metadata,
    attach_reader,
    read_metadata,
    read_predictions,
    read_reader,
    read_reference,
)

REFERENCE = "study_id,Edema,Mass\na,1,0\nb,0,1\nc,,1\n"
VIEWS = "image_id,study_id,patient_id,Edema,Mass\ni3,s2,p2,.3,.1\ni1,s1,p1,.1,.8\ni2,s1,p1,.5,.2\n"


def test_metadata_is_joined_and_views_of_a_study_are_named_together(joined, put):
    one = joined("study_id,Edema,Mass\ns1,1,0\ns2,0,1\n", m=VIEWS)
    about = read_metadata(
        put("about.csv", "image_id,study_id,view,sex\ni1,s1,PA,F\ni2,s1,lateral,F\nzz,s9,PA,M\n")
    )
    found = attach_metadata(about, one, [])
    assert found["view"].tolist() == ["PA + lateral", ""]
    assert found["sex"].tolist() == ["F", ""]


def test_metadata_by_image_without_studies_uses_the_predictions(joined, put, tmp_path):
    one = joined("study_id,Edema,Mass\ns1,1,0\ns2,0,1\n", m=VIEWS)
    about = read_metadata(put("about.csv", "image_id,sex\ni1,F\ni2,F\ni3,M\n"))
    found = attach_metadata(about, one, [read_predictions(tmp_path / "m.csv")])
    assert found["sex"].tolist() == ["F", "M"]


def test_metadata_by_study_reaches_images(joined, put):
    one = joined("study_id,Edema,Mass\ns1,1,0\ns2,0,1\n", unit="image", m=VIEWS)
    about = read_metadata(put("about.csv", "study_id,sex\ns1,F\ns2,M\n"))
    assert attach_metadata(about, one, [])["sex"].tolist() == ["M", "F", "F"]


def test_readers_are_joined(joined, put, tmp_path):
    one = joined(REFERENCE, m="study_id,Edema,Mass\na,.1,.1\nb,.1,.1\nc,.1,.1\n")
    tables = [read_reference(tmp_path / "reference.csv")]
    reader = read_reader(put("bob.csv", "study_id,Mass\nc,1\nb,0\na,\n"))
    ratings, notes = attach_reader(reader, one, tables)
    np.testing.assert_array_equal(ratings[:, 1], [np.nan, 0, 1])
    assert np.isnan(ratings[:, 0]).all()
    assert notes[0].code == "reader_without_finding"
    for text, match in [
        ("study_id,Mass\nc,1\nb,0\n", "'a'"),
        ("study_id,Mass\nc,1\nb,0\na,1\nd,1\n", "'d'"),
        ("study_id,Hernia\nc,1\nb,0\na,1\n", "compared finding"),
    ]:
        with pytest.raises(InputError, match=match):
            attach_reader(read_reader(put("bob.csv", text)), one, tables)


def test_a_reader_of_images_is_collapsed_to_studies(joined, put, tmp_path):
    one = joined("study_id,Edema,Mass\ns1,1,0\ns2,0,1\n", m=VIEWS)
    tables = [read_predictions(tmp_path / "m.csv")]
    reader = read_reader(put("bob.csv", "image_id,Edema,Mass\ni1,1,\ni2,1,0\ni3,0,1\n"))
    ratings, notes = attach_reader(reader, one, tables)
    np.testing.assert_array_equal(ratings, [[1, 0], [0, 1]])
    assert notes == []


def test_metadata_by_image_reaches_each_image(joined, put):
    one = joined("study_id,Edema,Mass\ns1,1,0\ns2,0,1\n", unit="image", m=VIEWS)
    about = read_metadata(put("about.csv", "image_id,view\ni1,PA\ni2,lateral\n"))
    assert one.units.tolist() == ["i3", "i1", "i2"]
    assert attach_metadata(about, one, [])["view"].tolist() == ["", "PA", "lateral"]
