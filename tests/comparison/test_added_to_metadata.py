"""Does a network add to metadata: against an independent computation, and simulated."""

import numpy as np
import pandas as pd
import pytest
from scipy import special
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from cxrcompare.comparison import added_to_metadata
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inputs.assembly import assemble
from cxrcompare.comparison.inputs.reading_inputs import read
from cxrcompare.comparison.inputs.sources import Sources

FEW = Options(replicates=100)


@pytest.fixture
def cohort(tmp_path):
    """Returns a function that writes a cohort whose labels depend on age and on the image."""

    def make(seed, seen, units=300, training=1500, findings=("Edema", "Mass"), image=1.0):
        """Writes files; a network's log-odds are `seen[name]` = (weight of age, of the image)."""
        rng = np.random.default_rng(seed)
        folder = tmp_path / str(seed)
        about, made = [], {}
        for split, count in (("train", training), ("valid", units), ("test", units)):
            ids = pd.DataFrame({"study_id": [f"{split}{n}" for n in range(count)]})
            ids["patient_id"] = ids["study_id"]
            age = rng.normal(size=count)
            signal = rng.normal(size=(count, len(findings)))
            odds = age[:, None] + image * signal - 0.5
            labels = (rng.random(odds.shape) < special.expit(odds)).astype(int)
            columns = ids.assign(age=50 + 10 * age)
            if split == "train":
                about.append(columns.assign(**dict(zip(findings, labels.T, strict=True))))
                continue
            about.append(columns)
            (folder / split).mkdir(parents=True)
            reference = folder / f"{split}.csv"
            ids.assign(**dict(zip(findings, labels.T, strict=True))).to_csv(reference, index=False)
            for name, (by_age, by_image) in seen.items():
                noise = 0.5 * rng.normal(size=odds.shape)
                scores = special.expit(by_age * age[:, None] + by_image * signal + noise)
                path = folder / split / f"{name}.csv"
                ids.assign(**dict(zip(findings, scores.T, strict=True))).to_csv(path, index=False)
                made.setdefault(split, []).append(path)
        pd.concat(about).to_csv(folder / "about.csv", index=False)
        return folder, made["test"], made["valid"]

    return make


def compared(folder, test, valid, options=FEW, subgroups="about.csv"):
    return compare(
        test,
        folder / "test.csv",
        validation=valid,
        validation_reference=folder / "valid.csv",
        subgroups=folder / subgroups,
        options=options,
    )


def only(folder, test, valid):
    """Returns the table without the rest of the comparison."""
    sources = Sources(
        test,
        folder / "test.csv",
        validation=valid,
        validation_reference=folder / "valid.csv",
        subgroups=folder / "about.csv",
    )
    inputs = read(sources, FEW)
    made = assemble(inputs, FEW, {}, np.random.default_rng(0))
    return added_to_metadata.rows(made.panel, inputs, made.metadata, FEW)


def test_against_an_independent_computation(cohort, row):
    folder, test, valid = cohort(0, {"a": (0.2, 1.0), "b": (1.0, 0.0)})
    found = compared(folder, test, valid)
    about = pd.read_csv(folder / "about.csv").set_index("study_id")
    train = about[about["Edema"].notna()]
    age = (about[["age"]] - train["age"].mean()) / train["age"].std(ddof=0)
    alone = LogisticRegression(C=1.0).fit(age.loc[train.index], train["Edema"])

    def features(path):
        frame = pd.read_csv(path).set_index("study_id")
        odds = alone.decision_function(age.loc[frame.index])
        return np.column_stack([special.logit(frame["Edema"]), odds])

    labels = {split: pd.read_csv(folder / f"{split}.csv")["Edema"] for split in ("valid", "test")}
    fitted = features(valid[0])
    scale = fitted.mean(axis=0), fitted.std(axis=0)
    both = LogisticRegression(C=1.0).fit((fitted - scale[0]) / scale[1], labels["valid"])
    combined = both.decision_function((features(test[0]) - scale[0]) / scale[1])
    one = row(found.added_to_metadata, model="a", finding="Edema")
    assert one["auroc_metadata"] == pytest.approx(
        roc_auc_score(labels["test"], features(test[0])[:, 1])
    )
    assert one["auroc_combined"] == pytest.approx(roc_auc_score(labels["test"], combined), abs=1e-4)
    assert one["difference"] == pytest.approx(one["auroc_combined"] - one["auroc_metadata"])
    assert one["low"] < one["difference"] < one["high"]


def test_p_values_are_adjusted_in_two_families(cohort):
    found = compared(*cohort(1, {"a": (0.2, 1.0), "b": (1.0, 0.0)})).added_to_metadata
    means = found["finding"] == "mean"
    assert (means.sum(), (~means).sum()) == (2, 4)
    for family in (means, ~means):
        part = found[family]
        expected = np.minimum(len(part) * part["p_value"], 1)
        assert part["p_adjusted"].to_numpy() == pytest.approx(expected.to_numpy())
    verdict = found[means].set_index("model")
    assert verdict.loc["a", "p_adjusted"] < 0.01
    assert verdict.loc["b", "p_adjusted"] > 0.05  # better than chance, but only by age


def test_a_network_that_only_knows_the_metadata_rarely_adds(cohort):
    significant = []
    for seed in range(40):
        rows = only(*cohort(seed, {"a": (1.0, 0.0)}, units=200, training=300))
        significant += [row.p_value < 0.05 and row.difference > 0 for row in rows]
    assert len(significant) == 120
    assert np.mean(significant) < 0.05


def test_two_seeds_are_not_tested_and_three_are(cohort):
    seen = {f"a__seed{n}": (0.2, 1.0) for n in range(2)}
    seen |= {f"b__seed{n}": (0.2, 1.0) for n in range(3)}
    found = compared(*cohort(2, seen)).added_to_metadata.set_index(["model", "finding"])
    assert found.loc["a", "p_value"].isna().all()
    assert found.loc["b", "p_adjusted"].notna().all()
    assert found.loc[("b", "mean"), "p_adjusted"] < 0.05


def test_the_baseline_is_fitted_on_training_rows_and_says_so(cohort, row):
    folder, test, valid = cohort(3, {"a": (0.2, 1.0)}, units=100, training=5000)
    found = compared(folder, test, valid)
    assert found.protocol["metadata_source"] == "5,000 training studies"
    assert "metadata_on_validation" not in set(found.warnings["code"])
    about = pd.read_csv(folder / "about.csv")
    about[about["Edema"].isna()].drop(columns=["Edema", "Mass"]).to_csv(
        folder / "few.csv", index=False
    )
    fewer = compared(folder, test, valid, subgroups="few.csv")
    assert fewer.protocol["metadata_source"] == "validation (100)"
    warning = row(fewer.warnings, code="metadata_on_validation")
    assert (warning["model"], warning["finding"]) == ("metadata alone", "")
    # training rows or not, the covariates and the subgroups are the same
    descriptions = [
        next(one["description"] for one in each.models if one["name"] == "metadata alone")
        for each in (found, fewer)
    ]
    assert descriptions[0].startswith("logistic regression on age, fitted on 5,000 training")
    assert descriptions[1].startswith("logistic regression on age, fitted on validation")
    assert found.subgroups == fewer.subgroups


def test_training_without_validation_gives_the_baseline_but_no_test(cohort):
    folder, test, _ = cohort(4, {"a": (0.2, 1.0)})
    found = compare(test, folder / "test.csv", subgroups=folder / "about.csv", options=FEW)
    assert "metadata alone" in [one["name"] for one in found.models]
    assert found.added_to_metadata.empty


def test_a_finding_that_training_has_in_one_class_is_fitted_on_validation(cohort, row):
    folder, test, valid = cohort(5, {"a": (0.2, 1.0)})
    about = pd.read_csv(folder / "about.csv")
    about.loc[about["Mass"].notna(), "Mass"] = 0
    about.to_csv(folder / "about.csv", index=False)
    found = compared(folder, test, valid)
    assert row(found.warnings, code="metadata_on_validation")["finding"] == "Mass"
    assert set(found.added_to_metadata["finding"]) == {"Edema", "Mass", "mean"}
