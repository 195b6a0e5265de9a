"""The figure of localisation."""

from cxrcompare.comparison.row_types.localisation_rows import LocalisationRow
from cxrcompare.reporting.figures import localisation_figure
from cxrcompare.reporting.results.lookup import Results


def test_every_mean_is_a_dot_with_its_interval(make_comparison):
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    rows = [
        LocalisationRow(name, "mean", "map_auroc", value, low, value, 9, 9, 9, 0.1, "network", "")
        for name, value, low in (("a", 0.9, 0.7), ("x", 0.5, float("nan")))
    ]
    figure = localisation_figure.overview(results, [*rows, rows[0]._replace(finding="Edema")])
    assert [row[:3] for row in figure.data] == [("a", "network", 0.9), ("x", "network", 0.5)]
    drawn = figure.axes.svg("f", figure.title, figure.alt_text)
    assert drawn.count("<circle") == 2
    assert drawn.count('class="line"') == 1
    assert localisation_figure.overview(results, []) is None
