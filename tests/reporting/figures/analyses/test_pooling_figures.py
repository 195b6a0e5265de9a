"""The bars of probabilities that one network is better."""

import re

from cxrcompare.comparison.row_types.main_rows import PartialPoolingRow
from cxrcompare.reporting.figures.analyses import pooling_figures
from cxrcompare.reporting.results.lookup import Results

ROW = PartialPoolingRow(
    "b", "a", "Edema", -0.08, -0.07, -0.1, -0.04, 0.001, 0.1, 0.7, 0.2, 0.02, 0.03, 0.0, 0.1
)


def test_the_parts_of_a_bar_are_the_probabilities_of_the_turned_pair(make_comparison):
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema", "Mass")))
    (figure,) = pooling_figures.bars(results, [ROW, ROW._replace(finding="mean")])
    assert figure.data == [("Edema", 0.7, 0.2, 0.1)]
    drawn = figure.axes.svg("f", figure.title, figure.alt_text)
    widths = [float(one) for one in re.findall(r'width="([\d.]+)" height="12"', drawn)]
    assert [round(width / sum(widths), 2) for width in widths] == [0.7, 0.2, 0.1]
    assert "Edema 70/20/10 %" in figure.alt_text
    assert "0.020" in figure.note
    assert pooling_figures.bars(results, []) == ()
