"""The facts of a run are read from its folder, or the folder is refused."""

import json

import pytest

from cxrcompare.errors import InputError
from cxrcompare.reporting.card.run_facts import lines, read


def test_the_name_is_that_of_the_folder(tmp_path):
    for folder, expected in (("mine__seed3", ("mine", "3")), ("mine", ("resnet50", "3"))):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "config.json").write_text('{"model": "resnet50", "seed": 3}')
        (tmp_path / folder / "summary.json").write_text("{}")
        found = read(tmp_path / folder)
        assert (found.name, found.seed) == expected
        assert lines(found)["Network"] == [("Architecture", "resnet50")]


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, r"must be the folder of a finished run\. Received: no config\.json"),
        ({"config": {}}, r"Received: no summary\.json"),
        ({"config": [], "summary": {}}, r"config\.json: must be a JSON object. Received: list"),
    ],
)
def test_another_folder_is_refused(tmp_path, files, message):
    for name, content in files.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match=message):
        read(tmp_path)
