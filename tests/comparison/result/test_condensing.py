"""Comparisons of many models, condensed."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result import condensing, saving
from cxrcompare.comparison.result.comparison import Comparison, read


@pytest.fixture(scope="module")
def full() -> Comparison:
    import pandas as pd

    rng = np.random.default_rng(0)
    ids = [f"s{n}" for n in range(300)]
    labels = rng.integers(0, 2, (300, 2))
    frames = {
        name: pd.DataFrame(
            {
                "study_id": ids,
                **{
                    finding: 1 / (1 + np.exp(-labels[:, f] - rng.normal(size=300)))
                    for f, finding in enumerate(("Edema", "Mass"))
                },
            }
        )
        for name in ("a", "b", "c")
    }
    reference = pd.DataFrame({"study_id": ids, "Edema": labels[:, 0], "Mass": labels[:, 1]})
    return compare(frames, reference, options=Options(replicates=100))


def test_few_models_are_kept_as_they_are(full: Comparison) -> None:
    assert condensing.condensed(full) is full


@pytest.fixture
def small(full: Comparison, monkeypatch: pytest.MonkeyPatch) -> Comparison:
    monkeypatch.setattr(condensing, "MOST_PAIR_ROWS", 10)
    monkeypatch.setattr(condensing, "MOST_CURVES", 2)
    return condensing.condensed(full)


def test_pairs_by_auroc_and_of_the_first_model_remain(full: Comparison, small: Comparison) -> None:
    first = full.models[0]["name"]
    rows = small.differences
    assert set(zip(rows["model_a"], rows["model_b"], rows["finding"], strict=True)) == set(
        zip(*(full.differences[c] for c in ("model_a", "model_b", "finding")), strict=True)
    )
    others = rows[rows["metric"] != "auroc"]
    assert len(others)
    assert ((others["model_a"] == first) | (others["model_b"] == first)).all()
    kept = rows[rows["metric"] == "auroc"].reset_index(drop=True)
    whole = full.differences[full.differences["metric"] == "auroc"].reset_index(drop=True)
    np.testing.assert_allclose(kept["difference"], whole["difference"], rtol=1e-4)


def test_lines_through_the_kept_points_are_close_to_every_point(
    full: Comparison, small: Comparison
) -> None:
    fewer = 0
    for finding, models in full.curves.items():
        for model, curves in models.items():
            for part, x in (("roc", "fpr"), ("pr", "recall")):
                whole, thin = curves[part], small.curves[finding][model][part]  # type: ignore[literal-required]
                fewer += len(whole[x]) - len(thin[x])
                for name in whole:
                    drawn = np.interp(whole[x], thin[x], thin[name])
                    error = np.abs(drawn - np.array(whole[name]))
                    assert error.max() <= condensing.TOLERANCE + 1e-4
    assert fewer > 0


def test_condensing_twice_changes_nothing(
    small: Comparison, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = condensing.condensed(small)
    for item in dataclasses.fields(small):
        one, two = getattr(small, item.name), getattr(again, item.name)
        if hasattr(one, "equals"):
            assert one.equals(two), item.name
        else:
            assert json.dumps(one) == json.dumps(two), item.name


def test_the_file_is_condensed_and_the_tables_are_not(
    full: Comparison, small: Comparison, tmp_path
) -> None:
    saving.write(full, tmp_path)
    assert len(read(tmp_path / saving.FILE).differences) == len(small.differences)
    lines = (tmp_path / "differences.csv").read_text().count("\n")
    assert lines == len(full.differences) + 1 > len(small.differences) + 1


def test_of_many_models_the_gaps_of_the_mean_remain(
    full: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    monkeypatch.setattr(condensing, "MOST_CURVES", 2)
    gaps = pd.DataFrame({name: [0.5, 0.5] for name in full.subgroup_gaps.columns})
    gaps["finding"] = ["Edema", "mean"]
    found = condensing.condensed(dataclasses.replace(full, subgroup_gaps=gaps))
    assert list(found.subgroup_gaps["finding"]) == ["mean"]
