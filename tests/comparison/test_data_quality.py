"""Every warning is there where it should be, and only there."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.compare import Options, compare

FEW = Options(replicates=300)
ALWAYS = {"no_validation", "prevalence_of_test", "one_seed"}


def codes(found):
    return set(found.warnings["code"]) - ALWAYS


def values(path, bench):
    return pd.read_csv(path)[list(bench.findings)].to_numpy()


@pytest.fixture
def clean(make_bench):
    return make_bench(studies=200)


def test_a_clean_comparison_has_no_further_warning(clean):
    found = compare([clean.model("a", 0.5), clean.model("b", 0.6)], clean.standard(), options=FEW)
    assert codes(found) == set()


def test_a_constant_column(clean, row):
    scores = values(clean.model("a", 0.5), clean)
    scores[:, 1] = 0.3
    found = compare([clean.table("a", scores)], clean.standard(), options=FEW)
    assert codes(found) == {"constant"}
    one = row(found.warnings, code="constant")
    assert (one["model"], one["finding"]) == ("a", "Edema")


def test_rounded_scores(clean, row):
    scores = values(clean.model("a", 0.5), clean).round(2)
    found = compare([clean.table("a", scores)], clean.standard(), options=FEW)
    assert codes(found) == {"ties"}
    assert "3 findings above 1%" in row(found.warnings, code="ties")["message"]


def test_one_pair_of_equal_scores_is_no_matter(clean):
    scores = values(clean.model("a", 0.5), clean)
    scores[0] = scores[1]  # 2 of 200, 1 %: not more than 1 %
    found = compare([clean.table("a", scores)], clean.standard(), options=FEW)
    assert codes(found) == set()


def test_swapped_labels(clean, rows):
    scores = values(clean.model("a", 0.5), clean)
    scores[:, 2] = 1 - scores[:, 2]
    found = compare([clean.table("a__seed4", scores)], clean.standard(), options=FEW)
    assert codes(found) == {"worse_than_chance"}
    one = rows(found.warnings, code="worse_than_chance").iloc[0]
    assert (one["model"], one["finding"]) == ("a seed 4", "Mass")


def test_one_inverted_column_among_many_runs_is_found(make_bench):
    """15 runs of 14 findings and 100 patients: one of 210 columns."""
    bench = make_bench(studies=200, findings=tuple(f"F{n}" for n in range(14)))
    paths = []
    for name in range(15):
        scores = values(bench.model(f"m{name}", 0.5), bench)
        if name == 7:
            scores[:, 3] = 1 - scores[:, 3]
        paths.append(bench.table(f"m{name}", scores))
    found = compare(paths, bench.standard(), options=Options(replicates=100))
    warned = found.warnings[found.warnings["code"] == "worse_than_chance"]
    assert warned[["model", "finding"]].to_numpy().tolist() == [["m7", "F3"]]


def test_pure_noise_of_many_runs_is_not_called_worse_than_chance(make_bench):
    bench = make_bench(studies=200, findings=tuple(f"F{n}" for n in range(14)))
    shape = (200, 14)
    paths = [bench.table(f"m{n}", bench.rng.random(shape)) for n in range(15)]
    found = compare(paths, bench.standard(), options=Options(replicates=100))
    assert (found.metrics["value"][found.metrics["metric"] == "auroc"] < 0.4).any()
    assert "worse_than_chance" not in set(found.warnings["code"])


def test_shuffled_rows_are_rarely_called_worse_than_chance(clean):
    scores = values(clean.model("a", 0.5), clean)
    found = compare(
        [clean.table("a", clean.rng.permutation(scores))], clean.standard(), options=FEW
    )
    assert codes(found) == {"not_above_chance"}


def test_few_positives(clean, row):
    labels = clean.labels["test"].copy()
    labels[np.flatnonzero(labels[:, 0])[19:], 0] = 0
    found = compare([clean.model("a", 0.5)], clean.standard(labels=labels), options=FEW)
    assert codes(found) == {"few_positives", "few_for_roc_point"}
    assert "only 17 positive patients" in row(found.warnings, code="few_positives")["message"]
    words = row(found.warnings, code="few_for_roc_point")["message"]
    assert words.startswith(f"fewer than 36 patients with a positive: {clean.findings[0]}; ")
    assert "specificity at sensitivity 0.9" in words
    left = found.metrics.query("metric == 'specificity_at_sensitivity' and seed == 'all'")
    for one in left.itertuples():
        assert np.isnan(one.low) == (one.finding == clean.findings[0]), one
    tested = found.differences.query("metric == 'specificity_at_sensitivity'")
    assert tested[tested["finding"] == clean.findings[0]]["p_value"].isna().all()


def test_few_positives_are_counted_in_patients(clean, row):
    labels = clean.labels["test"].copy()
    labels[:, 0] = 0
    labels[:30, 0] = 1
    rows = clean.rows["test"].copy()
    rows.loc[:29, "patient_id"] = [f"p{n // 6}" for n in range(30)]
    standard = pd.concat([rows, pd.DataFrame(labels, columns=list(clean.findings))], axis=1)
    standard.to_csv(clean.folder / "clustered.csv", index=False)
    found = compare([clean.model("a", 0.5)], clean.folder / "clustered.csv", options=FEW)
    assert "only 5 positive patients" in row(found.warnings, code="few_positives")["message"]


def test_scores_made_from_labels(clean, row):
    scores = values(clean.model("a", 0.5), clean)
    scores[:, 0] = 0.5 * scores[:, 0] + 0.5 * np.nan_to_num(clean.labels["test"][:, 0])
    found = compare([clean.table("a", scores)], clean.standard(), options=FEW)
    assert codes(found) == {"perfect", "slope_undefined"}
    one = row(found.warnings, code="perfect")
    assert (one["model"], one["finding"]) == ("a", clean.findings[0])
    assert "AUROC is exactly 1" in one["message"]


def test_a_study_under_two_patients(clean, row):
    path = clean.model("a", 0.5)
    reference = pd.read_csv(clean.standard())
    images = pd.concat([reference, reference.iloc[:1]], ignore_index=True)
    images.insert(0, "image_id", [f"i{n}" for n in range(len(images))])
    images.loc[len(images) - 1, "patient_id"] = "somebody else"
    images.to_csv(clean.folder / "images.csv", index=False)
    found = compare([path], clean.folder / "images.csv", options=FEW)
    assert codes(found) == {"study_under_two_patients"}


def test_unknown_patients(clean):
    path, reference = clean.model("a", 0.5), clean.standard()
    for file in (path, reference):
        pd.read_csv(file).drop(columns="patient_id").to_csv(file, index=False)
    found = compare([path], reference, options=FEW)
    assert codes(found) == {"patients_unknown"}
    assert found.protocol["patients"] is None
    assert found.protocol["resampled"] == "studies"
    assert found.protocol["studies"] == 200


def test_two_findings_with_the_same_scores(clean, row):
    scores = values(clean.model("a", 0.5), clean)
    scores[:, 2] = scores[:, 0]
    found = compare([clean.table("a", scores)], clean.standard(), options=FEW)
    one = row(found.warnings, code="identical_columns")
    assert (one["model"], one["finding"]) == ("a", "Mass")
    assert "scores of Atelectasis" in one["message"]


def test_the_slope_of_a_baseline_that_hardly_varies_is_blank_and_warned_of(make_bench, rows):
    bench = make_bench(studies=400)
    about = bench.about({"site": lambda split, count: ["A", "B"] * (count // 2)})
    found = compare(
        [bench.model("a", 0.5)],
        bench.standard(),
        validation=[bench.model("a", 0.5, "valid")],
        validation_reference=bench.standard("valid"),
        subgroups=about,
        options=FEW,
    )
    slopes = found.metrics[
        (found.metrics["metric"] == "calibration_slope")
        & (found.metrics["model"] == "metadata alone")
        & (found.metrics["finding"] != "micro")
    ].set_index("finding")["value"]
    warned = rows(found.warnings, code="slope_undefined", model="metadata alone")["finding"]
    assert set(warned) == set(slopes.index[slopes.isna()])
    assert len(warned)
    assert slopes.abs().max() < 25 or slopes.isna().all()


def test_one_finding_with_few_patients_for_a_point_has_neither_mean_nor_pooled_tests(clean):
    labels = clean.labels["test"].copy()
    labels[np.flatnonzero(labels[:, 0])[19:], 0] = 0
    only = Options(**{**vars(FEW), "findings": [clean.findings[0]]})
    paths = [clean.model(name, noise) for name, noise in (("a", 0.5), ("b", 0.9))]
    found = compare(paths, clean.standard(labels=labels), options=only)
    for table, column in ((found.metrics, "low"), (found.differences, "p_value")):
        rows = table[(table["metric"] == "specificity_at_sensitivity")]
        assert set(rows["finding"]) == {clean.findings[0], "mean", "micro"}
        assert rows[column].isna().all(), column
