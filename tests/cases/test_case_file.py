"""Files of cases: written and read back; a damaged one is one line."""

from __future__ import annotations

import json

import pytest

from cxrcompare.cases.case_file import read_cases, write_cases
from cxrcompare.errors import InputError

from .some_cases import content, make


def test_read_what_was_written(tmp_path):
    write_cases(make(), tmp_path / "cases.json")
    assert read_cases(tmp_path / "cases.json") == make()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"findings": ["Edema"]}, "of 1 findings"),
        ({"images": []}, "0 images"),
        ({"networks": []}, "0 networks"),
        ({"at_most": -1}, "at_most"),
        ({"more": 1}, "more"),
        ({"cases": [{"rule": "other"}]}, "rule"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, change, message):
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(content(**change)))
    with pytest.raises(InputError, match=message) as caught:
        read_cases(path)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000])
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "cases.json"
    path.write_text(text)
    with pytest.raises(InputError, match="must be a file of cases"):
        read_cases(path)


def test_images_that_are_not_base64_are_refused(tmp_path):
    damaged = content()
    damaged["images"][0]["jpeg"] = '" onerror="alert(1)'
    path = tmp_path / "cases.json"
    path.write_text(json.dumps(damaged))
    with pytest.raises(InputError, match="jpeg"):
        read_cases(path)
