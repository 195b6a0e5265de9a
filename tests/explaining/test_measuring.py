"""Maps of finished runs measured against masks, and the same network with random weights."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("keras")
from cxrcompare import models
from cxrcompare.errors import InputError
from cxrcompare.explaining import explain
from cxrcompare.explaining.maps import compute
from cxrcompare.explaining.measuring import Measuring, name_of
from cxrcompare.explaining.random_weights import randomise
from cxrcompare.images.prepare import open_store
from cxrcompare.localisation.sources.run_lengths import encode
from cxrcompare.localisation.summary import summary

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


@pytest.fixture(scope="module")
def masks(store, tmp_path_factory):
    """Edema is a bright square upper left, Cardiomegaly one lower left."""
    table = open_store(store).table.rows
    quarters = {"Edema": np.s_[:16, :16], "Cardiomegaly": np.s_[16:, :16]}
    content = {}
    for row in table.to_dict("records"):
        found = {}
        for finding, quarter in quarters.items():
            mask = np.zeros((32, 32), bool)
            mask[quarter] = row[finding] == 1
            found[finding] = {"size": [32, 32], "counts": encode(mask)}
        content[row["image_id"]] = found
    path = tmp_path_factory.mktemp("masks") / "masks.json"
    path.write_text(json.dumps(content))
    return path


def test_tables_are_written_and_a_trained_network_finds_the_regions(run, store, masks, tmp_path):
    measuring = Measuring([run], store, "test", masks, [masks])
    explain([run], store, tmp_path / "out", shown=1, also=measuring)
    table = pd.read_csv(tmp_path / "out" / "localisation.csv")
    network = name_of(run)[0]
    assert set(table["model"]) == {
        network,
        f"{network}, random weights",
        "image centre",
        "random map",
        "mean training region",
        "masks",
    }
    mean = table[(table["metric"] == "map_auroc") & (table["finding"] == "mean")]
    value = mean.set_index("model")["value"]
    assert value[network] > 0.8
    assert value[network] > value[f"{network}, random weights"]
    assert value["mean training region"] == pytest.approx(1, abs=0.01)
    positives = open_store(store).table
    test = positives.rows[positives.rows["split"] == "test"]
    images = table[table["finding"] == "Edema"]["images"]
    assert (images == (test["Edema"] == 1).sum()).all()
    agreement = pd.read_csv(tmp_path / "out" / "map_agreement.csv")
    assert agreement["kind"].tolist() == ["random weights"]
    assert not agreement["flagged"].any()
    lines = summary(measuring.found)
    assert lines[0][0] == "maps of"
    assert len({len(line) for line in lines}) == 1


def test_without_regions_nothing_is_measured(run, store, tmp_path):
    measuring = Measuring([run], store, "test")
    explain([run], store, tmp_path / "out", shown=1, also=measuring)
    assert measuring.found is None
    assert not (tmp_path / "out" / "localisation.csv").exists()


def test_regions_need_a_store(run, masks, tmp_path):
    with pytest.raises(InputError, match="image store"):
        Measuring([run], tmp_path, "test", masks)


def test_random_weights_keep_their_values_and_lose_the_map(run, store):
    model = models.with_maps(models.load(run / "model.keras"))
    opened = open_store(store)
    images = np.stack([opened.pixels[row] for row in range(48)])[..., None]
    _, before, _ = compute(model, [images], 48)
    kernels = {w.path: np.asarray(w.numpy()) for w in model.weights if "kernel" in w.path}
    randomise(model, images)
    _, after, _ = compute(model, [images], 48)
    for weight in model.weights:
        if weight.path in kernels:
            shuffled = np.asarray(weight.numpy())
            np.testing.assert_array_equal(
                np.sort(shuffled, None), np.sort(kernels[weight.path], None)
            )
    assert np.isfinite(after).all()
    assert abs(np.corrcoef(before[:, 0].ravel(), after[:, 0].ravel())[0, 1]) < 0.7
