"""Where weights start: whatever does not load is an error, never random weights."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cxrcompare import models
from cxrcompare.errors import InputError


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Gives a run folder as a finished training of mobilenet leaves it."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model": "mobilenet", "findings": ["Edema"]}))
    (folder / "model.keras").write_bytes(b"PK")
    (folder / "summary.json").write_text("{}")
    return folder


@pytest.mark.parametrize("weights", ["none", "imagenet"])
def test_names_stand_for_themselves(weights):
    start = models.starting_weights("mobilenet", weights)
    assert (start.backbone, start.network) == (weights, None)
    assert start.pretrained == (weights == "imagenet")


def test_a_run_gives_its_network_and_findings(run):
    start = models.starting_weights("mobilenet", str(run))
    assert start == models.StartingWeights("none", run / "model.keras", ("Edema",))
    assert start.pretrained
    assert models.starting_weights("mobilenet", str(run / "model.keras")) == start


def test_a_network_alone_has_unknown_findings(run, tmp_path):
    alone = tmp_path / "alone.keras"
    alone.write_bytes(b"PK")
    assert models.starting_weights("mobilenet", str(alone)).findings == ()


def test_a_folder_gives_the_file_of_the_network(tmp_path):
    (tmp_path / "mobilenet.h5").write_bytes(b"")
    found = models.starting_weights("mobilenet", str(tmp_path))
    assert found == models.StartingWeights(str(tmp_path / "mobilenet.h5"))


def test_anything_else_is_refused(run, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    for weights, message in (
        ("empty", "must hold a weights file of resnet34"),
        ("notes.txt", r"must end in .*\.keras"),
        ("nowhere", "must be imagenet, none"),
        ("run", 'must come from a run of resnet34. Received: a run of "mobilenet"'),
    ):
        with pytest.raises(InputError, match=message):
            models.starting_weights("resnet34", str(tmp_path / weights))
    (run / "summary.json").unlink()
    with pytest.raises(InputError, match=r"Received: a run without summary\.json"):
        models.starting_weights("mobilenet", str(run))
    (run / "model.keras").unlink()
    with pytest.raises(InputError, match=r"finished run\. Received: a run without model\.keras"):
        models.starting_weights("mobilenet", str(run))
    (run / "config.json").write_text('["mobilenet"]')
    with pytest.raises(InputError, match="no findings"):
        models.starting_weights("mobilenet", str(run))
