"""A network that learns a planted marker: good while the marker is kept, and named by its maps.

The marker of site A is on 98 % of the training images with an atelectasis and on 2 % of the others.
A second network sees the same images with the marker on half of them, whatever they show; its test
images are those in which the correlation is broken.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

pytest.importorskip("keras")
import cxrcompare as cxr
from cxrcompare.explaining.measured_runs import measure_runs
from cxrcompare.images.prepare import open_store
from cxrcompare.localisation.regions import finding_regions
from cxrcompare.localisation.tables import Localisation
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.train import train

pytestmark = [
    pytest.mark.keras,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
FINDINGS = ("Atelectasis", "Pleural Effusion")
NETWORK = '''
import keras
from keras import layers

def five_strides(shape):
    """Returns five halvings of the image: 2 x 2 cells of 48 pixels."""
    inside = x = keras.Input(shape)
    for width in (16, 32, 64, 64, 64):
        x = layers.Conv2D(width, 3, 2, "same", use_bias=False)(x)
        x = layers.ReLU()(layers.BatchNormalization()(x))
    return keras.Model(inside, x)
'''


class Trained(NamedTuple):
    """A run, and the stores in which the marker goes with the finding, and does not."""

    run: Path
    kept: Path
    broken: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Returns the network that sees the shortcut, and the one that does not."""
    folder = tmp_path_factory.mktemp("shortcuts")
    (folder / "five_strides_of_shortcuts.py").write_text(NETWORK)
    stores = {}
    for name, strength in (("kept", 0.98), ("broken", 0.5)):
        sample = cxr.make_sample(
            folder / name,
            800,
            48,
            shortcuts=[f"marker:{FINDINGS[0]}"],
            shortcut_strength=strength,
            shortcuts_in_test="kept",
            masks=True,
        )
        stores[name] = folder / f"store-{name}"
        cxr.prepare(cxr.read_dataset(sample), stores[name], 48)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        for name, store in stores.items():
            settings = {
                "model": "five_strides_of_shortcuts:five_strides",
                "store": store,
                "weights": "none",
                "findings": FINDINGS,
                "epochs": 24,
                "batch_size": 16,
                "learning_rate": 0.003,
                "warmup_epochs": 0.25,
                "patience": 0,
                "precision": "float32",
                "checkpoint_seconds": 600,
                "augmentation": dict.fromkeys(
                    ("rotation", "shift", "zoom", "brightness", "contrast"), 0
                ),
            }
            train(RunConfig(**settings), folder / f"{name}__seed0")
    return {name: Trained(folder / f"{name}__seed0", **stores) for name in stores}


def auroc(run: Path, store: Path) -> float:
    """Returns the AUROC of the finding with the marker in the test images of a store."""
    found = cxr.predict(run, store)
    rows = open_store(store).table.rows.set_index("image_id")
    labels = rows.loc[found.rows.ids, FINDINGS[0]] == 1
    return cxr.auroc(labels.to_numpy(float), found.values[:, 0]).value


def measured(run: Path, store: Path) -> Localisation:
    """Returns what the report says on the maps of a run."""
    opened = open_store(store)
    regions = finding_regions.in_data_set(opened.table, "test")
    return measure_runs([run], opened, regions)


def test_a_shortcut_is_good_while_it_lasts_and_the_result_names_it(made):
    run, kept, broken = made["kept"]
    assert auroc(run, kept) > 0.8
    assert auroc(run, broken) < 0.6
    found = measured(run, kept)
    mass = {row.finding: row for row in found.mass}
    seen = mass["Atelectasis"]
    assert seen.maps == "occlusion"
    assert seen.high < 0.5
    assert seen.shortcut > 0.1, "the marker has less than 1 % of the image"
    assert mass["Pleural Effusion"].low > 0.6
    assert [(row.code, row.finding) for row in found.warnings] == [("map_outside", "Atelectasis")]
    verdicts = {
        (row.finding, row.model_b): row.verdict
        for row in found.differences
        if row.model_a == "kept, occlusion" and row.metric == "map_auroc"
    }
    assert verdicts["Atelectasis", "mean training region"] == "b_better"


def test_a_network_without_a_shortcut_is_not_named(made):
    run, _, store = made["broken"]
    assert auroc(run, store) > 0.6
    found = measured(run, store)
    assert not found.warnings
    mass = {row.finding: row for row in found.mass}
    assert min(row.low for row in mass.values()) > 0.5
    assert mass["Atelectasis"].shortcut < 0.05
    value = {
        row.model: row.value
        for row in found.measures
        if (row.metric, row.finding) == ("map_auroc", "Atelectasis")
    }
    assert value["broken, occlusion"] > 0.75
    assert not any(
        row.verdict == "b_better"
        for row in found.differences
        if (row.model_a, row.finding) == ("broken, occlusion", "Atelectasis")
    )
