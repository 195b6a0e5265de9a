"""Small tables, written as files, and aligned."""

import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import align, read_predictions, read_reference


@pytest.fixture
def put(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def joined(put):
    """Aligns texts: a reference, and predictions by name."""

    def run(reference, unit="study", views_rule="max", findings="all", **predictions):
        files = [read_predictions(put(f"{name}.csv", text)) for name, text in predictions.items()]
        standard = read_reference(put("reference.csv", reference))
        return align(files, standard, unit, views_rule, findings)

    return run


@pytest.fixture
def refused():
    """Reads a file that is refused, and returns the one line that says why."""

    def run(path, read=read_predictions):
        with pytest.raises(InputError) as caught:
            read(path)
        message = str(caught.value)
        assert "\n" not in message
        assert str(path) in message
        return message

    return run
