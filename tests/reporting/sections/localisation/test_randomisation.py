"""The test of random weights: the network that passes AUROC and fails it is named."""

import dataclasses

from cxrcompare.comparison.row_types.localisation_rows import MapAgreementRow
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections.localisation import randomisation


def row(network, layers, value, flagged=False):
    kind = "random weights" if layers == "random weights" else "random layers"
    name = f"{network.split(',')[0]}, {layers}"
    return MapAgreementRow(network, name, kind, value, value - 0.1, value + 0.1, 20, flagged)


ROWS = [
    row("a, seed 0", "1 of 9 layers random", 0.8),
    row("a, seed 0", "5 of 9 layers random", 0.75),
    row("b, seed 0", "1 of 5 layers random", 0.4),
    row("a, seed 0", "random weights", 0.7, True),
    row("b, seed 0", "random weights", 0.02),
]


def results(make_comparison, low=None):
    comparison = make_comparison(networks=("a", "b"), findings=("Edema",))
    if low is not None:
        metrics = comparison.metrics.copy()
        metrics.loc[metrics["model"] == "a", "low"] = low
        comparison = dataclasses.replace(comparison, metrics=metrics)
    return Results(comparison)


def test_the_network_that_passes_auroc_and_fails_is_named(make_comparison):
    found = results(make_comparison)
    value = found.estimate("a", found.scope, "auroc")
    assert value.low > 0.5
    first, second = randomisation.sentences(found, ROWS)
    assert first == (
        f"a passes AUROC ({value.value:.3f}, {value.interval}) but fails the test of random "
        "weights: its maps have a rank correlation of 0.70 (0.60 to 0.80) with those of random "
        "weights, so that they do not show what it has learnt."
    )
    assert second == (
        "With random weights, the map of b falls apart, as maps of what a network has learnt must "
        "(measured in 20 images)."
    )


def test_a_network_that_passes_neither_is_named_too(make_comparison):
    first, _ = randomisation.sentences(results(make_comparison, low=0.45), ROWS)
    assert first.startswith("a does not pass AUROC (")
    assert "and fails the test of random weights" in first


def test_an_interval_around_the_limit_decides_nothing(make_comparison):
    (said,) = randomisation.sentences(
        results(make_comparison), [row("a, seed 0", "random weights", 0.45)]
    )
    assert said == (
        "Whether maps fall apart with random weights is undecided for a (0.35 to 0.55): the "
        "interval of the rank correlation includes 0.5, or there is none."
    )


def test_without_rows_nothing_is_said(make_comparison):
    assert randomisation.sentences(results(make_comparison), []) == []
    assert randomisation.steps([]) == ()


def test_the_table_goes_from_the_head_to_all_layers(make_comparison):
    (table,) = randomisation.steps(ROWS)
    assert [line[:4] for line in table.body] == [
        ("a, seed 0", "1 of 9", "20", "0.80"),
        ("a, seed 0", "5 of 9", "20", "0.75"),
        ("a, seed 0", "all (the map stays)", "20", "0.70"),
        ("b, seed 0", "1 of 5", "20", "0.40"),
        ("b, seed 0", "all", "20", "0.02"),
    ]
