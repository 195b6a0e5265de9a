"""The figures of gaps between groups."""

from cxrcompare.comparison.row_types.group_rows import SubgroupGapRow
from cxrcompare.reporting.figures.analyses import gap_figures
from cxrcompare.reporting.results.lookup import Results

FIELDS = dict.fromkeys(SubgroupGapRow._fields, 0.0)
ROW = SubgroupGapRow(
    **FIELDS
    | {"model": "a", "column": "sex", "value": "F", "finding": "mean", "metric": "sensitivity"}
    | {"difference": -0.1, "low": -0.2, "high": 0.02, "against": "rest", "margin": 0.05}
    | {"verdict": "undecided"}
)


def test_an_undecided_gap_is_hollow_and_the_margin_is_on_the_axis(make_comparison):
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    rows = [
        ROW,
        ROW._replace(model="b", verdict="lower", low=-0.15, high=-0.05),
        ROW._replace(metric="net_benefit"),
        ROW._replace(metric="specificity", difference=float("nan")),
    ]
    (figure,) = gap_figures.gaps(results, rows)
    assert figure.about == "sensitivity"
    assert [row[:2] for row in figure.data] == [("a", "sex F"), ("b", "sex F")]
    low, high = figure.axes.x
    assert low < -0.2
    assert high > 0.05
    drawn = figure.axes.svg("f", figure.title, figure.alt_text)
    assert drawn.count('class="hollow"') == 1
    assert drawn.count("whisker") == 2
    assert drawn.count('class="plate"') == 1
    assert gap_figures.gaps(results, []) == ()


def test_many_groups_show_fewer_networks_and_say_so(make_comparison):
    names = tuple(f"m{n:02d}" for n in range(20))
    results = Results(make_comparison(networks=names, findings=("Edema",), gap=0.02))
    rows = [ROW._replace(model=name, value=str(group)) for name in names for group in range(12)]
    (figure,) = gap_figures.gaps(results, rows)
    assert len(figure.data) == 60
    assert "The first 5 networks by rank; all are in subgroup_gaps.csv." in figure.note
