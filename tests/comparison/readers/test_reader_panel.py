"""Networks against the mean reader and the panel: rows, families, verdicts, error rates."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.readers import reader_panel
from cxrcompare.evaluation.readers import random_readers

FEW = Options(replicates=100, decision_thresholds="0.2")


@pytest.fixture
def found(make_bench):
    bench = make_bench(studies=500)
    paths = [bench.model(name, noise) for name, noise in (("a", 0.2), ("b", 2.0))]
    labels = bench.labels["test"]
    readers = []
    for number, error in enumerate((0.2, 0.25, 0.3)):
        flip = bench.rng.uniform(size=labels.shape) < error
        readers.append(bench.table(f"r{number}", np.where(flip, 1 - labels, labels)))
    result = compare(paths, bench.standard(), readers=readers, thresholds=0.5, options=FEW)
    return result, bench, [bench.scores(path) for path in (*paths, *readers)]


def test_differences_are_those_of_the_network_and_each_reader(found, row):
    result, bench, (a, _, *readers) = found
    label = bench.labels["test"][:, 1]
    one = row(
        result.reader_panel, model="a", finding="Edema", metric="sensitivity", against="mean reader"
    )
    own = (a[label == 1, 1] >= 0.5).mean()
    each = [reader[label == 1, 1].mean() for reader in readers]
    assert one["model_value"] == pytest.approx(own)
    assert one["reader_value"] == pytest.approx(np.mean(each))
    influence = np.array(
        [
            np.bincount(
                (np.arange(500) // 2)[label == 1],
                ((a[label == 1, 1] >= 0.5) - own) - (reader[label == 1, 1] - mean),
                minlength=250,
            )
            for reader, mean in zip(readers, each, strict=True)
        ]
    )
    patients = len(np.unique((np.arange(500) // 2)[label == 1]))
    influence *= np.sqrt(patients / (patients - 1)) / (label == 1).sum()
    covariance = np.mean([influence[i] @ influence[j] for i, j in ((0, 1), (0, 2), (1, 2))])
    expected = random_readers.random_readers(own - np.array(each), covariance)
    assert [one["low"], one["high"]] == pytest.approx([expected.low, expected.high])
    assert one["p_value"] == pytest.approx(expected.p_value)
    assert one["degrees"] == pytest.approx(expected.degrees)


def test_the_panel_is_the_majority_and_families_are_named(found, row, rows):
    result, bench, (a, _, *readers) = found
    table = result.reader_panel
    label = bench.labels["test"][:, 0]
    majority = np.sum([reader[:, 0] for reader in readers], axis=0) >= 2
    one = row(table, model="a", finding="Atelectasis", metric="specificity", against="panel")
    assert one["reader_value"] == pytest.approx(1 - majority[label == 0].mean())
    assert one["difference"] == pytest.approx(
        majority[label == 0].mean() - (a[label == 0, 0] >= 0.5).mean()
    )
    for metric in ("sensitivity", "net_benefit"):
        own = rows(table, metric=metric)
        for family in (own["finding"] == "mean", own["finding"] != "mean"):
            part = own[family]
            expected = np.minimum(2 * len(part) * part["p_value"], 1)
            assert part["p_adjusted"].to_numpy() == pytest.approx(expected.to_numpy())
    mean = row(table, model="b", finding="mean", metric="balanced_accuracy", against="panel")
    assert mean["verdict"] == "readers_better"
    singles = table[(table["model"] == "b") & (table["metric"] == "balanced_accuracy")]
    singles = singles[(singles["against"] == "panel") & (singles["finding"] != "mean")]
    assert mean["difference"] == pytest.approx(singles["difference"].mean())


def test_net_benefit_of_readers(found, row, rows):
    result, bench, (_, _, *readers) = found
    label = bench.labels["test"][:, 2]
    values = []
    for number, reader in enumerate(readers):
        one = row(result.reader_net_benefit, finding="Mass", reader=f"r{number}")
        call = reader[:, 2]
        value = (call * label).mean() - (call * (1 - label)).mean() / 4
        assert one["net_benefit"] == pytest.approx(value)
        assert one["low"] < value < one["high"]
        values.append(value)
    mean = row(result.reader_net_benefit, finding="Mass", reader="mean reader")
    assert mean["net_benefit"] == pytest.approx(np.mean(values))
    assert set(rows(result.reader_net_benefit, finding="Mass")["reader"]) == {
        "r0",
        "r1",
        "r2",
        "mean reader",
        "panel",
    }


def test_two_readers_are_not_tested(bench):
    readers = [bench.table(f"r{n}", bench.labels["test"]) for n in range(2)]
    result = compare([bench.model("a", 0.5)], bench.standard(), readers=readers, options=FEW)
    assert result.reader_panel.empty
    assert "readers_too_few" in result.warnings["code"].tolist()


def test_a_threshold_that_nobody_chose_has_no_test_of_rates(bench):
    rng = np.random.default_rng(0)
    readers = [
        bench.table(f"r{n}", (rng.uniform(size=(120, 3)) < 0.4).astype(int)) for n in range(3)
    ]
    result = compare([bench.model("a", 0.5)], bench.standard(), readers=readers, options=FEW)
    table = result.reader_panel
    tested = table["metric"] == "net_benefit"
    assert (table.loc[tested, "verdict"] != "").all()
    assert (table.loc[~tested, "verdict"] == "").all()
    assert table[["low", "high"]].notna().all(axis=None)


def test_seeds_of_a_network_widen_its_interval_and_two_have_no_test(make_panel):
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, (200, 1)) * 1.0
    ratings = {f"r{n}": (rng.uniform(size=(200, 1)) < 0.3 + 0.4 * labels) * 1.0 for n in range(3)}
    scores = {f"a__seed{s}": 0.3 * labels + 0.7 * rng.uniform(size=(200, 1)) for s in range(3)}
    for kept, verdict in ((3, True), (2, False)):
        part = dict([*scores.items()][:kept])
        rows = reader_panel.compare(make_panel(labels, part), ratings, FEW).against
        rates = [row for row in rows if row.metric == "sensitivity"]
        assert all((row.verdict != "") == verdict for row in rates)
        assert all(row.low < row.difference < row.high for row in rates)


def test_a_network_that_is_a_reader_differs_in_at_most_five_per_cent(make_panel):
    rng = np.random.default_rng(3)
    rejected, runs = np.zeros(3), 250
    for _ in range(runs):
        labels = (rng.uniform(size=(150, 1)) < 0.4) * 1.0
        case = labels + 0.6 * rng.normal(size=labels.shape)
        skills = 0.15 * rng.normal(size=4)
        calls = [(case + 0.6 * rng.normal(size=case.shape) > 0.5 + s) * 1.0 for s in skills]
        own = case + 0.6 * rng.normal(size=case.shape)
        panel = make_panel(labels, {"a": own}, thresholds=0.5, replicates=100)
        ratings = {f"r{n}": call for n, call in enumerate(calls)}
        found = reader_panel.compare(panel, ratings, FEW).against
        chosen = [r for r in found if r.finding == "mean" and r.against == "mean reader"]
        rejected += [row.p_value < 0.05 for row in chosen[:3]]
    # the network is as good as readers are on average; 5.5 to 5.8 % of 1,200 were measured
    assert (rejected / runs <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / runs)).all(), rejected / runs
