"""What models do at a site: the file, the rows, and the test of costs."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inference.multiplicity import bonferroni
from cxrcompare.errors import InputError


def written(bench, text):
    path = bench.folder / "site.csv"
    path.write_text(text)
    return str(path)


def compared(bench, text=None, **noises):
    names = noises or {"a": 0.3, "b": 3.0}
    paths = [bench.model(name, noise) for name, noise in names.items()]
    valid = [bench.model(name, noise, "valid") for name, noise in names.items()]
    options = Options(replicates=1000, prevalence=text and written(bench, text))
    return compare(
        paths,
        bench.standard("test"),
        validation=valid,
        validation_reference=bench.standard("valid"),
        options=options,
    )


def test_rows_follow_from_sensitivity_and_specificity(make_bench, row):
    bench = make_bench(studies=300)
    site = "finding,prevalence,cost_false_positive,cost_miss\nedema,0.02,1,50\n"
    found = compared(bench, site)
    rates = {
        metric: row(found.metrics, model="a", finding="Edema", metric=metric, subgroup="")["value"]
        for metric in ("sensitivity", "specificity")
    }
    of_a = found.at_prevalence[
        (found.at_prevalence["model"] == "a") & (found.at_prevalence["finding"] == "Edema")
    ]
    assert set(of_a["source"]) == {"given"}
    values = of_a.set_index("quantity")["value"]
    hits, alarms = 20 * rates["sensitivity"], 980 * (1 - rates["specificity"])
    assert values["flags"] == pytest.approx(hits + alarms)
    assert values["ppv"] == pytest.approx(hits / (hits + alarms))
    assert values["number_needed_to_evaluate"] == pytest.approx((hits + alarms) / hits)
    assert values["cost"] == pytest.approx(alarms + 50 * (20 - hits))
    inside = (of_a["low"] <= of_a["value"]) & (of_a["value"] <= of_a["high"])
    assert inside.all()
    other = found.at_prevalence[found.at_prevalence["finding"] == "Mass"]
    assert set(other["source"]) == {"test set"}
    assert other["prevalence"].iloc[0] == pytest.approx(bench.labels["test"][:, 2].mean())
    assert "cost" not in set(other["quantity"])


def test_costs_are_tested_and_adjusted(make_bench, row):
    bench = make_bench(studies=300)
    site = "finding,prevalence,cost_false_positive,cost_miss\nEdema,0.1,1,9\nMass,0.1,1,9\n"
    found = compared(bench, site, a=0.2, b=0.25, c=5.0).cost_differences
    assert len(found) == 2 * 3
    assert found["p_adjusted"].to_numpy() == pytest.approx(bonferroni(found["p_value"].to_numpy()))
    poor = row(found, model_a="a", model_b="c", finding="Edema")
    assert poor["verdict"] == "a_better"
    assert poor["high"] < 0
    assert row(found, model_a="a", model_b="b", finding="Edema")["verdict"] == "undecided"


def test_the_test_of_costs_has_no_least_p_value(make_bench, row):
    bench = make_bench(studies=600)
    site = "finding,prevalence,cost_false_positive,cost_miss\nEdema,0.3,1,1\n"
    found = compared(bench, site, a=0.01, b=50.0).cost_differences
    poor = row(found, model_a="a", model_b="b", finding="Edema")
    assert poor["p_value"] < 5e-4  # a share of 1,000 replicates is at least 0.001
    assert poor["low"] < poor["difference"] < poor["high"] < 0


def test_few_patients_have_no_interval_and_fixed_thresholds_no_test(bench, rows):
    labels = np.zeros_like(bench.labels["test"])
    labels[:3] = 1
    paths = [bench.model(name, 0.5) for name in "ab"]
    site = written(bench, "finding,prevalence,cost_false_positive,cost_miss\nMass,0.1,1,9\n")
    options = Options(replicates=100, prevalence=site)
    found = compare(paths, bench.standard("test", labels), options=options)
    assert found.at_prevalence["value"].notna().any()
    assert found.at_prevalence[["low", "high"]].isna().all(axis=None)
    assert found.cost_differences.empty
    fixed = compare(paths, bench.standard(), options=options).cost_differences
    assert fixed["p_value"].isna().all()
    assert set(fixed["verdict"]) == {""}


@pytest.mark.parametrize(
    "text",
    [
        "finding\nEdema\n",
        "finding,prevalence,cost_miss\nEdema,0.1,1\n",
        "finding,prevalence\nEdema,1.5\n",
        "finding,prevalence\nEdema,\n",
        "finding,prevalence\nEdema,0.1\nedema,0.2\n",
        "finding,prevalence,cost_false_positive,cost_miss\nEdema,0.1,1,\n",
        "finding,prevalence,cost_false_positive,cost_miss\nEdema,0.1,-1,2\n",
    ],
)
def test_a_wrong_file_is_one_line(bench, text):
    with pytest.raises(InputError, match=r"site\.csv: row .*must"):
        compared(bench, text)
