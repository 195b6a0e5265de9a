"""The forests of sites."""

import re

from cxrcompare.comparison.row_types.site_row_types import SiteDifferenceRow, SitePooledRow
from cxrcompare.reporting.figures.analyses import site_figures
from cxrcompare.reporting.results.lookup import Results

NAN = float("nan")
POOLED = SitePooledRow(
    **dict.fromkeys(SitePooledRow._fields, NAN)
    | {"model_a": "b", "model_b": "a", "finding": "mean", "sites": 3, "verdict": "b_better"}
    | {"difference": -0.05, "low": -0.08, "high": -0.02}
    | {"prediction_low": -0.12, "prediction_high": 0.02}
)
SITES = [
    SiteDifferenceRow(site, "b", "a", "mean", value, value - 0.03, value + 0.02, 0.01)
    for site, value in (("North", -0.06), ("South", -0.04), ("West", NAN))
]


def test_a_forest_turns_the_pair_so_that_the_first_network_comes_first(make_comparison):
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema", "Mass")))
    assert results.networks == ["a", "b"]
    (figure,) = site_figures.forests(results, SITES, [POOLED])
    assert figure.title == "a minus b at each site"
    rows = [(name, *(round(value, 6) for value in rest)) for name, *rest in figure.data]
    assert rows == [
        ("North", 0.06, 0.04, 0.09),
        ("South", 0.04, 0.02, 0.07),
        ("all sites", 0.05, 0.02, 0.08),
        ("a new site", 0.05, -0.02, 0.12),
    ]
    drawn = figure.axes.svg("f", figure.title, figure.alt_text)
    points = re.search(r'<polygon points="([^"]+)" class="reader"', drawn)
    left, middle, right, _ = (float(one.split(",")[0]) for one in points[1].split())
    for place, value in ((left, 0.02), (middle, 0.05), (right, 0.08)):
        assert abs(place - figure.axes.across(value)) < 0.06
    assert drawn.count('class="guide"') == 1


def test_without_a_prediction_there_is_no_new_site(make_comparison):
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    unknown = POOLED._replace(prediction_low=NAN)
    (figure,) = site_figures.forests(results, SITES, [unknown])
    assert figure.data[-1][0] == "all sites"
    assert "new site" not in figure.note
    assert site_figures.forests(results, SITES, []) == ()
    assert site_figures.forests(results, SITES, [POOLED._replace(low=NAN)]) == ()
