"""Predictions of a finished run for stores, files, folders and DICOM."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.predictions import read_predictions
from cxrcompare.training.predict import predict
from cxrcompare.training.train import train

pytestmark = pytest.mark.keras


@pytest.fixture(scope="module")
def run(tiny: Any, store: Path, tmp_path_factory: pytest.TempPathFactory, backend: str) -> Path:
    from cxrcompare import models
    from cxrcompare.training.run_config import RunConfig

    out = tmp_path_factory.mktemp("runs") / "mobilenet__seed0"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "build", tiny.build, raising=False)
        train(RunConfig(model="mobilenet", store=store, weights="none", epochs=1), out)
    return out


def test_a_stores_split_gives_what_the_run_gave(run, store, tmp_path):
    predict(run, store, tmp_path / "p.csv", "test")
    found = read_predictions(tmp_path / "p.csv")
    expected = read_predictions(run / "predictions" / "test.csv")
    assert found.rows.ids.tolist() == expected.rows.ids.tolist()
    assert found.rows.patients.tolist() == expected.rows.patients.tolist()
    assert np.allclose(found.values, expected.values, atol=1e-6)


def test_files_and_folders_give_what_the_store_gives(run, store, tmp_path):
    source = store.with_name("store-source")
    predict(run, source, tmp_path / "folder.csv")
    predict(run, source / "1.png", tmp_path / "file.csv")
    folder, file = (read_predictions(tmp_path / f"{name}.csv") for name in ("folder", "file"))
    assert len(folder.values) == 60
    assert file.rows.ids.tolist() == ["1.png"]
    predict(run, store, tmp_path / "store.csv", "test")  # image 1 is the first of the test split
    expected = read_predictions(tmp_path / "store.csv").values[0]
    index = folder.rows.ids.tolist().index("1.png")
    assert np.allclose(file.values[0], expected, atol=1e-6)
    assert np.allclose(folder.values[index], expected, atol=1e-6)


def test_dicom_files_are_images_too(run, tmp_path):
    pydicom = pytest.importorskip("pydicom")
    (tmp_path / "in").mkdir()
    path = pydicom.examples.get_path("ct")
    (tmp_path / "in" / "one.dcm").write_bytes(path.read_bytes())
    predict(run, tmp_path / "in", tmp_path / "p.csv")
    assert read_predictions(tmp_path / "p.csv").values.shape == (1, 3)


def test_images_of_other_shapes_are_resized(run, tmp_path):
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "wide.png"), np.full((40, 90), 120, np.uint8))
    predict(run, tmp_path / "in", tmp_path / "p.csv")
    assert read_predictions(tmp_path / "p.csv").rows.ids.tolist() == ["wide.png"]


def test_no_existing_file_is_replaced(run, tmp_path):
    image = tmp_path / "one.png"
    cv2.imwrite(str(image), np.full((40, 40), 120, np.uint8))
    before = image.read_bytes()
    predict(run, image, tmp_path / "p.csv")
    for out in (image, tmp_path / "p.csv", run / "predictions" / "test.csv"):
        with pytest.raises(InputError, match="must be a new file"):
            predict(run, image, out)
    assert image.read_bytes() == before


def test_a_list_of_rejected_files_replaces_no_file(run, tmp_path):
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "one.png"), np.full((40, 40), 120, np.uint8))
    listed = tmp_path / "p.rejected.csv"
    (tmp_path / "mine.csv").write_text("path,reason\nmine\n")
    for make in (
        lambda: listed.write_text("path,reason\nmine\n"),
        lambda: listed.symlink_to("mine.csv"),
        lambda: os.mkfifo(listed),
    ):
        make()
        before = os.lstat(listed)
        with pytest.raises(InputError, match=r"must be a new file.*p\.rejected\.csv"):
            predict(run, tmp_path / "in", tmp_path / "p.csv")
        assert os.lstat(listed) == before
        listed.unlink()


def test_what_is_no_regular_file_is_listed_and_never_waited_for(run, tmp_path):
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "one.png"), np.full((40, 40), 120, np.uint8))
    os.mkfifo(tmp_path / "in" / "pipe.jpg")
    (tmp_path / "in" / "dangling.png").symlink_to("nowhere")
    (tmp_path / "in" / "device.png").symlink_to("/dev/zero")
    predict(run, tmp_path / "in", tmp_path / "p.csv", max_rejected=1)
    assert read_predictions(tmp_path / "p.csv").rows.ids.tolist() == ["one.png"]
    listed = (tmp_path / "p.rejected.csv").read_text()
    assert all(f"\n{name}," in listed for name in ("dangling.png", "device.png", "pipe.jpg"))


def test_files_behind_links_that_lead_outside_are_rejected_unless_allowed(run, tmp_path):
    for name in ("in/one.png", "others/two.png"):
        (tmp_path / name).parent.mkdir()
        cv2.imwrite(str(tmp_path / name), np.full((40, 40), 120, np.uint8))
    (tmp_path / "in" / "two.png").symlink_to(tmp_path / "others" / "two.png")
    predict(run, tmp_path / "in", tmp_path / "p.csv", max_rejected=0.5)
    assert read_predictions(tmp_path / "p.csv").rows.ids.tolist() == ["one.png"]
    assert "two.png is a link" in (tmp_path / "p.rejected.csv").read_text()
    predict(run, tmp_path / "in", tmp_path / "q.csv", follow_links=True)
    assert read_predictions(tmp_path / "q.csv").rows.ids.tolist() == ["one.png", "two.png"]
    with pytest.raises(InputError, match="--follow-links"):
        predict(run, tmp_path / "in", tmp_path / "r.csv", strict=True)
    (tmp_path / "in" / "one.png").unlink()
    with pytest.raises(InputError, match="--follow-links"):
        predict(run, tmp_path / "in", tmp_path / "r.csv")
    predict(run, tmp_path / "in" / "two.png", tmp_path / "named.csv")


def test_what_cannot_be_predicted_is_refused(run, store, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "note.png").write_text("no image")
    for input, message in (
        (tmp_path / "nowhere", "Received: nothing"),
        (tmp_path / "empty", "Received: none"),
        (tmp_path / "note.png", r"note\.png: must be a JPEG, PNG or DICOM"),
    ):
        with pytest.raises(InputError, match=message):
            predict(run, input, tmp_path / "p.csv")
    with pytest.raises(InputError, match=r"summary\.json"):
        predict(tmp_path / "empty", store, tmp_path / "p.csv")
    assert not (tmp_path / "p.csv").exists()


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 cut"])
def test_a_damaged_network_is_refused(run, store, tmp_path, content):
    import shutil

    broken = tmp_path / "broken"
    shutil.copytree(run, broken)
    (broken / "model.keras").write_bytes(content)
    with pytest.raises(InputError, match=r"must be a (whole )?\.keras file"):
        predict(broken, store, tmp_path / "p.csv")


def test_a_hostile_network_is_refused(run, store, tmp_path):
    import shutil

    import keras

    broken = tmp_path / "hostile"
    shutil.copytree(run, broken)
    inputs = keras.Input((32, 32, 1))
    outputs = keras.layers.Lambda(lambda x: x[:, 0, 0, :])(inputs)
    keras.Model(inputs, outputs).save(broken / "model.keras")
    with pytest.raises(InputError, match="own layers only"):
        predict(broken, store, tmp_path / "p.csv")
