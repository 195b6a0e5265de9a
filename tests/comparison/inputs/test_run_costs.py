"""Cost and training history from run folders."""

import json

from cxrcompare.comparison.compare import Options, compare

FEW = Options(replicates=200)


def test_cost_and_training_come_from_run_folders(bench, tmp_path):
    import shutil

    paths = []
    for seed in (0, 1):
        source = bench.model("x", 0.5)
        folder = tmp_path / "runs" / f"net__seed{seed}"
        (folder / "predictions").mkdir(parents=True)
        paths.append(folder / "predictions" / "test.csv")
        shutil.copy(source, paths[-1])
        config = {"model": "net", "recipe": "modern", "weights": "none", "image_size": 64}
        (folder / "config.json").write_text(json.dumps(config))
        summary = {"parameters": 1000, "train_seconds": 10.0 * (seed + 1), "weights": "none"}
        (folder / "summary.json").write_text(json.dumps(summary))
        (folder / "history.csv").write_text(
            "epoch,phase,loss,valid_auroc\n1,head,0.5,\n2,fine,0.4,0.7\n"
        )
    found = compare(paths, bench.standard(), options=FEW)
    cost = found.models[0]["cost"]
    assert found.models[0]["name"] == "net"
    assert (cost["parameters"], cost["train_seconds"], cost["recipe"]) == (1000, 15.0, "modern")
    assert cost["images_per_second"] is None
    assert found.training["net"]["1"] == {
        "epoch": [1, 2],
        "phase": ["head", "fine"],
        "loss": [0.5, 0.4],
        "valid_auroc": [None, 0.7],
    }
