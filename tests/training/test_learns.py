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
    folder = Path(write_sample(tmp_path / "sample", 700, 64, 0))
    table = splits.assign(datasets.read("chexpert", folder), seed=0)
    store = prepare(table, tmp_path / "store", 64)
    config = RunConfig(
        model="mobilenet", store=store.folder, weights="none", epochs=10, batch_size=16, patience=0
    )
    run = tmp_path / "mobilenet__seed0"
    train(config, run)
    data = open_data(config, config.settings(False))
    found = read_predictions(run / "predictions" / "test.csv").values
    values = [
        auroc(data.test.labels[:, data.findings.index(name)], found[:, data.findings.index(name)])
        for name in EASY
    ]
    print(dict(zip(EASY, values, strict=True)))
    assert np.mean(values) > 0.65
