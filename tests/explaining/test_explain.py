"""explain: maps are where a trained network's findings are; outputs; what is refused."""

from __future__ import annotations

import hashlib
import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("keras")
from cxrcompare.errors import InputError
from cxrcompare.explaining import explain, read_maps
from cxrcompare.images.prepare import open_store

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


@pytest.mark.parametrize("head", ["linear", "original"])
def test_positive_findings_are_seen_where_they_are(trained, store, tmp_path, head):
    """Edema is a bright square upper left, Cardiomegaly one lower left."""
    (maps,) = explain([trained[head]], store, tmp_path / "out", shown=2)
    table = open_store(store).table.rows.set_index("image_id").loc[list(maps.ids)]
    quarters = {"Edema": np.s_[:4, :4], "Cardiomegaly": np.s_[4:, :4]}
    for finding, quarter in quarters.items():
        own = maps.values[(table[finding] == 1).to_numpy(), maps.findings.index(finding)]
        inside = own[(slice(None), *quarter)].mean((1, 2))
        outside = (own.sum((1, 2)) - inside * 16) / 48
        assert np.mean(inside > outside) > 0.9, finding


def test_files(run, store, tmp_path):
    out = tmp_path / "out"
    (maps,) = explain([run], store, out, shown=3)
    stored = read_maps(out / "maps" / f"{run.name}.npz")
    np.testing.assert_array_equal(stored.values, maps.values)
    digest = hashlib.sha256((run / "model.keras").read_bytes()).hexdigest()
    assert stored.checkpoint == maps.checkpoint == digest
    assert (stored.model, stored.seed) == ("linear", "0")
    assert len(maps.ids) == 32
    assert len([*out.glob("overlays/*/*/*.jpg")]) == 3 * 3
    assert isinstance(maps.values, np.memmap), "maps are not kept in memory"
    page = (out / "index.html").read_text()
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert [one["id"] for one in data["images"]] == list(maps.ids[:3])
    assert data["findings"] == ["Edema", "Cardiomegaly", "Fracture"]
    assert "http" not in re.sub(r"http://www.w3.org\S*", "", page)
    explain([run], store, out, shown=3)
    assert (out / "index.html").read_text() == page, "the same bytes, and the folder is replaced"


def test_logits_are_those_of_the_predictions(run, store, tmp_path):
    (maps,) = explain([run], store, tmp_path / "out", shown=1)
    written = pd.read_csv(run / "predictions" / "test.csv").set_index("image_id")
    expected = written.loc[list(maps.ids), list(maps.findings)].to_numpy()
    np.testing.assert_allclose(maps.probabilities, expected, atol=1e-5)


def test_files_give_the_maps_of_the_store(run, store, tmp_path):
    source = store.with_name("store-source")
    (of_store,) = explain([run], store, tmp_path / "a", shown=1)
    (of_files,) = explain([run], source, tmp_path / "b", findings=("Edema",), shown=1)
    rows = open_store(store).table.rows
    paths = dict(zip(rows["image_id"], rows["path"], strict=True))
    position = {name: index for index, name in enumerate(of_files.ids)}
    chosen = [position[paths[name]] for name in of_store.ids]
    np.testing.assert_allclose(of_files.values[chosen, 0], of_store.values[:, 0], atol=1e-4)


def test_damaged_files_are_listed(run, store, tmp_path, caplog):
    folder = tmp_path / "images"
    folder.mkdir()
    shutil.copy(store.with_name("store-source") / "1.png", folder / "a.png")
    (folder / "b.png").write_bytes(b"no image")
    (maps,) = explain([run], folder, tmp_path / "out", shown=5)
    assert maps.ids == ("a.png",)
    assert "b.png" in (tmp_path / "out" / "rejected.csv").read_text()
    assert "1 of 2 files" in caplog.text


def test_several_runs_have_one_scale(trained, store, tmp_path):
    found = explain([*trained.values()], store, tmp_path / "out", shown=2)
    assert [maps.run for maps in found] == ["linear__seed0", "original__seed0"]
    assert found[0].ids == found[1].ids
    page = (tmp_path / "out" / "index.html").read_text()
    assert page.count('"name":') == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"findings": ("Oedema",)}, "`findings` must be of Edema, Cardiomegaly, Fracture"),
        ({"shown": 0}, "`shown` must be"),
        ({"split": "other"}, "`split` must be one of"),
        ({"method": "other"}, "`method` must be one of"),
    ],
)
def test_options(run, store, tmp_path, change, message):
    with pytest.raises(InputError, match=message):
        explain([run], store, tmp_path / "out", **change)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_explained_is_refused(run, store, tmp_path):
    with pytest.raises(InputError, match="finished training"):
        explain([tmp_path], store, tmp_path / "out")
    with pytest.raises(InputError, match="different names"):
        explain([run, run], store, tmp_path / "out")
    with pytest.raises(InputError, match="must be an image store"):
        explain([run], tmp_path / "none", tmp_path / "out")
    (tmp_path / "x.png").write_bytes(b"no image")
    with pytest.raises(InputError):
        explain([run], tmp_path / "x.png", tmp_path / "out")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="with nothing else in it"):
        explain([run], store, tmp_path / "foreign")
    assert (tmp_path / "foreign" / "mine.txt").read_text() == "mine"
