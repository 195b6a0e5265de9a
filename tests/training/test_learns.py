"""The recipe learns the findings of the embedded sample."""

from pathlib import Path

import numpy as np
import pytest

from cxrcompare import datasets
from cxrcompare.evaluation.metrics import auroc
from cxrcompare.images.prepare import prepare
from cxrcompare.labels import splits
from cxrcompare.predictions import read_predictions
from cxrcompare.synthetic import write_sample
from cxrcompare.training.feeding.run_data import open_data
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.train import train

EASY = ("Cardiomegaly", "Pleural Effusion", "Support Devices", "Lung Opacity")


@pytest.mark.keras
@pytest.mark.slow
def test_mobilenet_separates_the_easy_findings_of_the_sample(tmp_path):
    folder = Path(write_sample(tmp_path / "sample", 700, 48, 0))
    table = splits.assign(datasets.read("chexpert", folder), seed=0)
    store = prepare(table, tmp_path / "store", 48)
    config = RunConfig(
        model="mobilenet",
        store=store.folder,
        weights="none",
        recipe="modern",
        learning_rate=0.002,
        epochs=5,
        warmup_epochs=0.25,
        batch_size=16,
        patience=0,
        seed=1,
    )
    run = tmp_path / "mobilenet__seed1"
    train(config, run)
    data = open_data(config, config.settings(False))
    found = read_predictions(run / "predictions" / "test.csv").values
    values = [
        auroc(data.test.labels[:, data.findings.index(name)], found[:, data.findings.index(name)])
        for name in EASY
    ]
    print(dict(zip(EASY, values, strict=True)))
    assert np.mean(values) > 0.65
