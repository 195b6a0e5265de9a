"""The section on localisation: sentences, tables, the figure, and what is left out."""

import dataclasses

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.localisation_rows import (
    LocalisationCorrectnessRow,
    LocalisationDifferenceRow,
    LocalisationRow,
    MapAgreementRow,
    MapMassRow,
)
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections.localisation import localisation_section

NAN = float("nan")
MODELS = (("a", "network", 0.8), ("b", "network", 0.6), ("image centre", "baseline", 0.7))
MEANS = [
    LocalisationRow(
        *(model, finding, "map_auroc", value, value - 0.1, value + 0.1),
        *(30, 20, 18, 0.1, kind, "m"),
    )
    for model, kind, value in MODELS
    for finding in ("mean", "Edema")
]


def difference(first, second, verdict):
    return LocalisationDifferenceRow(
        first, second, "mean", "map_auroc", 0.1, 0.0, 0.2, 0.01, 0.02, "m", 0.05, verdict, 0.9, 20
    )


DIFFERENCES = [
    difference("a", "b", "a_better"),
    difference("a", "image centre", "a_better"),
    difference("b", "image centre", "b_better"),
]
MASS = [
    MapMassRow("a", "Edema", 0.7, 0.6, 0.8, 0.45, 20, NAN, False, "class-map"),
    MapMassRow("b", "Edema", 0.2, 0.1, 0.3, 0.45, 20, 0.5, True, "occlusion"),
]


def made(make_comparison, measures=MEANS, mass=MASS):
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b"), findings=("Edema",)),
        localisation=table("localisation", measures),
        localisation_differences=table("localisation_differences", DIFFERENCES),
        map_mass=table("map_mass", mass),
        map_agreement=table(
            "map_agreement",
            [
                MapAgreementRow("a", "b", "networks", 0.3, 0.2, 0.4, 20, False),
                MapAgreementRow("a", "a, random weights", "random weights", 0.9, 0.8, 1, 20, True),
            ],
        ),
        localisation_correctness=table(
            "localisation_correctness",
            [
                LocalisationCorrectnessRow(
                    "a", "Edema", "map_auroc", 12, 11, 0.7, 0.55, 0.8, 0.01, 0.02
                ),
                LocalisationCorrectnessRow(
                    "b", "Edema", "map_auroc", 22, 1, NAN, NAN, NAN, NAN, NAN
                ),
            ],
        ),
    )
    return localisation_section.section(Results(comparison))


def test_the_sentences_say_who_is_better_than_what(make_comparison):
    *sentences, last = made(make_comparison).sentences
    assert last.startswith("a passes AUROC (")
    assert sentences == [
        "a localises significantly better than the baseline “image centre”; b localises "
        "significantly worse than the baseline “image centre”.",
        "Of 1 pair of networks, 1 differs significantly in map AUROC (a over b), 0 are equivalent "
        "within 0.05, and 0 are undecided.",
        "Most of what the maps have beyond those of negative images is outside of lungs, heart and "
        "true region for b, Edema (20.0 % inside): this network may use a spurious correlation.",
    ]


def test_tables_and_the_figure_have_all_models(make_comparison):
    section = made(make_comparison)
    means, findings, differences, mass, steps, agreement, correctness = section.tables
    assert [row[:3] for row in means.body] == [
        ("a", "network", "0.80 (0.70 to 0.90)"),
        ("b", "network", "0.60 (0.50 to 0.70)"),
        ("image centre", "baseline", "0.70 (0.60 to 0.80)"),
    ]
    assert findings.body[0][:5] == ("Edema", "20", "18", "30", "10.0 %")
    assert [row[-1] for row in differences.body] == [
        "first better",
        "first better",
        "second better",
    ]
    assert [row[-1] for row in mass.body] == ["–", "50.0 %"]
    assert steps.body[0][:2] == ("a", "all (the map stays)")
    assert agreement.body == (("a", "b", "networks", "0.30", "0.20 to 0.40"),)
    assert [row[0] for row in correctness.body] == ["a"]  # too few missed images for b
    (figure,) = section.figures
    assert [row[0] for row in figure.data] == ["a", "b", "image centre"]
    assert "image centre 0.70" in figure.alt_text


def test_without_maps_there_is_no_section(make_comparison):
    assert made(make_comparison, measures=[], mass=[]) is None
