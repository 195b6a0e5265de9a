"""Occlusion maps beside the image centre: a sentence by verdict, and a table by finding."""

from cxrcompare.comparison.row_types.localisation_rows import (
    LocalisationDifferenceRow,
    LocalisationRow,
)
from cxrcompare.reporting.sections.localisation import occlusion

NAN = float("nan")


def difference(model, finding, verdict, other="image centre"):
    values = (0.1, 0.05, 0.15, 0.001, 0.002)
    return LocalisationDifferenceRow(
        model, other, finding, "map_auroc", *values, "method", 0.05, verdict, 0.9, 12
    )


def measure(model, finding, kind):
    return LocalisationRow(
        model, finding, "map_auroc", 0.8, 0.7, 0.9, 14, 12, 11, 0.1, kind, "method"
    )


def test_a_sentence_names_the_networks_by_verdict():
    rows = [
        difference("a, occlusion", "mean", "a_better"),
        difference("b, occlusion", "mean", "b_better"),
        difference("c, occlusion", "mean", "undecided"),
        difference("d, occlusion", "mean", "a_better"),
        difference("a", "mean", "b_better"),
        difference("b, occlusion", "mean", "a_better", "random map"),
    ]
    assert occlusion.sentences(rows) == [
        "If parts of images are occluded, localisation is significantly better than the image "
        "centre for a and d; significantly worse than the image centre for b; not proved to differ "
        "from the image centre for c."
    ]
    assert occlusion.sentences(rows[4:5]) == []


def test_the_table_has_each_finding_beside_the_image_centre():
    measures = [
        measure("a", "Edema", "network"),
        measure("a, occlusion", "Edema", "occlusion"),
        measure("a, occlusion", "Fracture", "occlusion"),
    ]
    (table,) = occlusion.by_finding(measures, [difference("a, occlusion", "Edema", "a_better")])
    assert [row[:3] for row in table.body] == [
        ("a, occlusion", "Edema", "12"),
        ("a, occlusion", "Fracture", "12"),
    ]
    assert table.body[0][3] == "0.80 (0.70 to 0.90)"
    assert table.body[0][-1] == "first better"
    assert table.body[1][-1] == "–"
    assert occlusion.by_finding(measures[:1], []) == ()
