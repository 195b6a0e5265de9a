"""A convolutional network that learns a planted shortcut, and the maps that reveal it.

    python benchmarks/shortcut_network.py --out shortcut [--model resnet34] [--images 1500]

Draws two samples that differ in the test images only: a marker goes with a finding in training and
validation, and in test it is kept in one sample and broken in the other. The network is trained on
the first sample. Prints its AUROC on both test sets, and the map mass and the warnings of
`cxrcompare explain` on both. Result: docs/results/localisation.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

import cxrcompare as cxr
from cxrcompare import datasets
from cxrcompare.explaining import explain
from cxrcompare.explaining.measuring import Measuring
from cxrcompare.labels.reference_standard import reference
from cxrcompare.localisation.summary import warning_lines


def main() -> None:
    """Draws, trains, and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--model", default="resnet34")
    parser.add_argument("--finding", default="Pneumothorax")
    parser.add_argument("--other", default="Pleural Effusion")
    parser.add_argument("--kind", default="marker")
    parser.add_argument("--strength", type=float, default=0.98)
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--epochs", type=int, default=5)
    given = parser.parse_args()
    stores = {in_test: _store(given, in_test) for in_test in ("kept", "broken")}
    run = given.out / f"{given.model}__seed0"
    if not run.exists():
        cxr.train(
            given.model,
            stores["kept"],
            run,
            findings=(given.finding, given.other),
            weights="none",
            epochs=given.epochs,
            batch_size=16,
            learning_rate=0.002,
            warmup_epochs=0.25,
            augmentation={"rotation": 0, "shift": 0, "zoom": 0, "brightness": 0, "contrast": 0},
        )
    for in_test, store in stores.items():
        _classify(in_test, run, store)
        _map(in_test, run, store, given.out / f"maps-{in_test}")


def _store(given: argparse.Namespace, in_test: str) -> Path:
    folder, store = given.out / in_test, given.out / f"store-{in_test}"
    if not store.exists():
        cxr.make_sample(
            folder,
            given.images,
            given.size,
            shortcuts=[f"{given.kind}:{given.finding}"],
            shortcut_strength=given.strength,
            shortcuts_in_test=in_test,
            masks=True,
        )
        cxr.prepare(cxr.read_dataset(folder), store, given.size)
    return store


def _classify(in_test: str, run: Path, store: Path) -> None:
    predictions = cxr.predict(run, store)
    table = datasets.read("chexpert", store.parent / in_test)
    labels = pd.DataFrame(
        reference(table, "negative"), index=table.rows["image_id"], columns=table.findings
    ).loc[predictions.rows.ids]
    patients = table.rows.set_index("image_id")["patient_id"].loc[predictions.rows.ids]
    for column, name in enumerate(predictions.findings):
        found = cxr.auroc(
            labels[name].to_numpy(), predictions.values[:, column], groups=patients.to_numpy()
        )
        print(f"{in_test}: {name}: AUROC {found}", flush=True)


def _map(in_test: str, run: Path, store: Path, out: Path) -> None:
    measuring = Measuring([run], store, "test")
    explain([run], store, out, shown=20, also=measuring)
    if measuring.found is None:
        raise SystemExit("the sample has no masks")
    for row in measuring.found.mass:
        print(
            f"{in_test}: {row.model}: {row.finding}: {row.share:.1%} ({row.low:.1%} to "
            f"{row.high:.1%}) of the excess in lungs, heart or region ({row.area:.1%} of the "
            f"image), {row.shortcut:.1%} on the marker; {row.maps}; flagged: {row.flagged}"
        )
    for measure in measuring.found.measures:
        if measure.metric == "map_auroc" and measure.finding != "mean":
            print(
                f"{in_test}: map AUROC, {measure.model}, {measure.finding}: {measure.value:.2f} "
                f"({measure.low:.2f} to {measure.high:.2f})"
            )
    for line in warning_lines(measuring.found):
        print(f"{in_test}: {line}", flush=True)


if __name__ == "__main__":
    main()
