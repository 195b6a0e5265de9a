"""Ensembles as models of a comparison: scores, seeds, choice on validation, costs, errors."""

import json

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import read
from cxrcompare.errors import InputError
from cxrcompare.evaluation import metrics

QUICK = {"replicates": 100}


def both(bench, **noises):
    for split in ("test", "valid"):
        bench.rows[split] = bench.rows[split]
    test = [bench.model(name, noise) for name, noise in noises.items()]
    valid = [bench.model(name, noise, "valid") for name, noise in noises.items()]
    return test, valid


def test_an_ensemble_is_a_model_whose_scores_are_the_mean(bench, row, tmp_path):
    paths, _ = both(bench, a=1.0, b=1.0)
    found = compare(paths, bench.standard(), options=Options(ensemble=("a,b",), **QUICK))
    mean = np.mean([bench.scores(path) for path in paths], axis=0)
    one = row(found.metrics, model="a+b", finding="Edema", metric="auroc", subgroup="")
    label = bench.labels["test"][:, 1]
    assert one["value"] == pytest.approx(metrics.auroc(label, mean[:, 1]))
    kinds = {model["name"]: model["kind"] for model in found.models}
    assert kinds["a+b"] == "ensemble"
    assert kinds["a"] == "network"
    pairs = found.differences[found.differences["finding"] == "Edema"]
    pairs = pairs[(pairs["metric"] == "auroc") & (pairs["subgroup"] == "")]
    assert len(pairs) == 3  # the family has the pairs of the ensemble
    assert "ensembles" in set(found.warnings["code"])
    found.write(tmp_path / "comparison.json")
    assert read(tmp_path / "comparison.json").models == found.models


def test_models_with_the_same_seeds_are_combined_seed_by_seed(bench, rows):
    names = ["a__seed0", "a__seed1", "b__seed0", "b__seed1"]
    paths, _ = both(bench, **dict.fromkeys(names, 1.0))
    asked = ("pair=a,b", "a", "seeds")
    with pytest.raises(InputError, match="a seeds twice"):
        compare(paths, bench.standard(), options=Options(ensemble=asked, **QUICK))
    found = compare(paths, bench.standard(), options=Options(ensemble=asked[:2], **QUICK))
    seeds = {model["name"]: model["seeds"] for model in found.models}
    assert seeds["pair"] == ["0", "1"]
    assert seeds["a seeds"] == []
    score = np.mean([bench.scores(paths[0]), bench.scores(paths[2])], axis=0)[:, 0]
    one = rows(found.metrics, model="pair", finding="Atelectasis", metric="auroc", seed="0")
    assert one["value"].iloc[0] == pytest.approx(metrics.auroc(bench.labels["test"][:, 0], score))
    described = {model["name"]: model["description"] for model in found.models}
    assert described["a seeds"] == "ensemble, mean of probabilities of 2 runs of a"


def test_the_best_subset_is_chosen_on_validation_alone(make_bench):
    bench = make_bench(studies=400)
    paths, valid = both(bench, a=0.6, b=0.6, poor=30.0)
    test, held_out = bench.standard("test"), bench.standard("valid")
    options = Options(ensemble=("best",), **QUICK)
    choices = {"validation": valid, "validation_reference": held_out, "options": options}
    found = compare(paths, test, **choices)
    chosen = next(one for one in found.models if one["kind"] == "ensemble")
    assert "of a, b; chosen by forward selection on validation" in chosen["description"].replace(
        "b, a", "a, b"
    )
    swapped = compare(paths, bench.standard("test", 1 - bench.labels["test"]), **choices)
    again = next(one for one in swapped.models if one["kind"] == "ensemble")
    assert again["description"] == chosen["description"]  # the test set has no say
    with pytest.raises(InputError, match="never chosen on the test set"):
        compare(paths, test, options=options)


def test_no_best_ensemble_is_said(make_bench):
    bench = make_bench(studies=400)
    paths, valid = both(bench, a=0.01, poor=30.0)
    found = compare(
        paths,
        bench.standard("test"),
        validation=valid,
        validation_reference=bench.standard("valid"),
        options=Options(ensemble=("best",), **QUICK),
    )
    assert "no_best_ensemble" in set(found.warnings["code"])
    assert {model["kind"] for model in found.models} == {"network", "trivial"}


def test_ranks_make_scores_comparable(bench, row):
    paths, _ = both(bench, a=1.0, b=1.0)
    frame = pd.read_csv(paths[1])
    frame[list(bench.findings)] = 100 * frame[list(bench.findings)] - 50
    frame.to_csv(paths[1], index=False)
    choices = {"scores": ("b",), "ensemble": ("a,b",), **QUICK}
    with pytest.raises(InputError, match="`ensemble_rule` must be ranks"):
        compare(paths, bench.standard(), options=Options(**choices))
    found = compare(paths, bench.standard(), options=Options(ensemble_rule="ranks", **choices))
    ranks = np.mean([frame_ranks(bench.scores(path)[:, 0]) for path in paths], axis=0)
    one = row(found.metrics, model="a+b", finding="Atelectasis", metric="auroc", subgroup="")
    assert one["value"] == pytest.approx(metrics.auroc(bench.labels["test"][:, 0], ranks))
    assert found.metrics[(found.metrics["model"] == "a+b")]["metric"].ne("brier").all()
    assert "ensemble_ranks" in set(found.warnings["code"])


def frame_ranks(values):
    return pd.Series(values).rank().to_numpy()


@pytest.mark.parametrize("asked", ["a", "a,a", "a,nobody", "=a,b", "seeds"])
def test_a_wrong_ensemble_is_one_line(bench, asked):
    paths, _ = both(bench, a=1.0, b=1.0)
    with pytest.raises(InputError, match="`ensemble` must"):
        compare(paths, bench.standard(), options=Options(ensemble=(asked,), **QUICK))


def test_costs_are_summed(bench, tmp_path):
    paths = []
    for name, parameters, rate in (("a", 10, 100.0), ("b", 30, 50.0)):
        folder = tmp_path / name
        (folder / "predictions").mkdir(parents=True)
        made = bench.model(name, 1.0)
        path = made.rename(folder / "predictions" / f"{name}.csv")
        (folder / "config.json").write_text(json.dumps({"weights": "none"}))
        summary = {"parameters": parameters, "prediction_images_per_second": rate}
        (folder / "summary.json").write_text(json.dumps(summary))
        paths.append(path)
    found = compare(paths, bench.standard(), options=Options(ensemble=("a,b",), **QUICK))
    cost = next(one["cost"] for one in found.models if one["kind"] == "ensemble")
    assert cost["parameters"] == 40
    assert cost["train_seconds"] is None
    # 1 / 100 + 1 / 50 seconds per image
    assert cost["prediction_images_per_second"] == pytest.approx(100 / 3)
