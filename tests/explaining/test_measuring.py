"""Maps of finished runs measured against masks, and the same network with random weights."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("keras")
from cxrcompare.errors import InputError
from cxrcompare.explaining import explain
from cxrcompare.explaining.measured_runs import name_of
from cxrcompare.explaining.measuring import Measuring
from cxrcompare.images.prepare import open_store
from cxrcompare.localisation.regions.run_lengths import encode
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
    steps = agreement[agreement["kind"] == "random layers"]
    total = agreement["model_b"].str.extract(r" of (\d+) layers random")[0].dropna().unique()
    assert len(total) == 1
    done = steps["model_b"].str.extract(r", (\d+) of")[0].astype(int)
    assert done.is_monotonic_increasing
    assert done.iloc[-1] < int(total[0])
    assert agreement["kind"].tolist() == ["random layers"] * len(steps) + ["random weights"]
    assert agreement["correlation"].iloc[-1] < 0.7
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


def test_a_contrast_is_measured_like_the_exact_map(run, store, masks, tmp_path):
    """Occlusion of a quarter in which the finding is lowers its logit most."""
    measuring = Measuring([run], store, "test", masks, method="occlusion")
    (maps,) = explain([run], store, tmp_path / "out", shown=1, method="occlusion", also=measuring)
    assert maps.method.startswith("contrast")
    assert maps.values.shape[2:] == (8, 8)
    value = {
        row.model: row.value
        for row in measuring.found.measures
        if row.metric == "map_auroc" and row.finding == "mean"
    }
    assert value[name_of(run)[0]] > 0.7
