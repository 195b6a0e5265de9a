"""The section on localisation: whether networks find evidence where the findings are."""

from __future__ import annotations

from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.localisation_rows import (
    LocalisationCorrectnessRow,
    LocalisationDifferenceRow,
    LocalisationRow,
    MapAgreementRow,
    MapMassRow,
)
from cxrcompare.reporting.figures import localisation_figure
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows
from cxrcompare.reporting.sections.localisation import occlusion, randomisation
from cxrcompare.reporting.sections.section import Section, ShownTable, percent, shown

MEASURES = {
    "map_auroc": "map AUROC",
    "hit_rate": "hit rate",
    "iou": "IoU",
    "map_ap": "map average precision",
}
"""The measures in the order of the tables."""
_HEADLINE = "map_auroc"
_OWN = ("network", occlusion.KIND)
"""The kinds of maps of networks, which come first."""


def section(results: Results) -> Section | None:
    """Returns the section, or None if no map was measured or compared."""
    comparison = results.comparison
    measures = rows(comparison.localisation, LocalisationRow)
    differences = rows(comparison.localisation_differences, LocalisationDifferenceRow)
    mass = rows(comparison.map_mass, MapMassRow)
    agreement = rows(comparison.map_agreement, MapAgreementRow)
    if not measures and not mass:
        return None
    headline = [
        row
        for row in differences
        if row.finding == MEAN and row.metric == _HEADLINE and row.verdict
    ]
    drawn = localisation_figure.overview(results, measures)
    return Section(
        "localisation",
        "Localisation",
        (
            *_against_baselines(measures, headline),
            *_between(measures, headline),
            *occlusion.sentences(headline),
            *_outside(mass),
            *randomisation.sentences(results, agreement),
        ),
        (
            *_means(measures),
            *_by_finding(measures),
            *occlusion.by_finding(measures, differences),
            *_differences(differences),
            *_mass(mass),
            *randomisation.steps(agreement),
            *_agreement([row for row in agreement if row.kind in ("seeds", "networks")]),
            *_correctness(rows(comparison.localisation_correctness, LocalisationCorrectnessRow)),
        ),
        "Measured in images with a true region (mask or box). Map AUROC: the chance that a point "
        "in the region has a higher map value than a point elsewhere in the image; it needs no "
        "threshold. Hit rate: the highest value is in the region. IoU: overlap of the region with "
        "the map above a threshold, chosen on validation images, or else by Otsu's rule. Intervals "
        "are clustered by patient. Class maps of small images have few cells, and each cell sees "
        "most of the image; parts of some images are then occluded, too, and the fall of the "
        "output is a second map of the network. A map shows what adds to a network's output, not "
        "why; good localisation does not prove that a network reasons like a radiologist.",
        question="Do the networks find evidence where the findings are?",
        figures=(drawn,) if drawn is not None else (),
    )


def _networks(measures: list[LocalisationRow], kind: str = "network") -> list[str]:
    return [*dict.fromkeys(row.model for row in measures if row.kind == kind)]


def _against_baselines(
    measures: list[LocalisationRow], headline: list[LocalisationDifferenceRow]
) -> list[str]:
    """Returns a sentence on each baseline that does not look at the image's findings."""
    found = []
    networks = _networks(measures)
    for name in _networks(measures, "baseline"):
        against = {row.model_a: row.verdict for row in headline if row.model_b == name}
        if not against:
            continue
        groups = [
            ([n for n in networks if against.get(n) == verdict], words)
            for verdict, words in (("a_better", "better"), ("b_better", "worse"))
        ]
        said = [
            f"{numbers.listed(who)} {'localises' if len(who) == 1 else 'localise'} significantly "
            f"{words} than the baseline “{name}”"
            for who, words in groups
            if who
        ]
        found.append(
            f"{'; '.join(said)}."
            if said
            else f"No network differs significantly from the baseline “{name}” in map AUROC."
        )
    return found


def _between(
    measures: list[LocalisationRow], headline: list[LocalisationDifferenceRow]
) -> list[str]:
    networks = _networks(measures)
    pairs = [row for row in headline if row.model_a in networks and row.model_b in networks]
    if not pairs:
        return []
    said = []
    for row in pairs:
        first, second = row.model_a, row.model_b
        if row.verdict == "b_better":
            first, second = second, first
        if row.verdict in ("a_better", "b_better"):
            said.append(f"{first} over {second}")
    equal = sum(row.verdict == "equivalent" for row in pairs)
    open_pairs = sum(row.verdict == "undecided" for row in pairs)
    return [
        f"Of {numbers.plural(len(pairs), 'pair')} of networks, {len(said)} "
        f"{'differs' if len(said) == 1 else 'differ'} significantly in map AUROC"
        f"{f' ({numbers.listed(said)})' if said else ''}, {equal} are equivalent within "
        f"{numbers.decimal(pairs[0].margin, 2)}, and {open_pairs} are undecided."
    ]


def _outside(mass: list[MapMassRow]) -> list[str]:
    flagged = [row for row in mass if row.flagged]
    if not flagged:
        return []
    named = [f"{row.model}, {row.finding} ({percent(row.share or 0.0)} inside)" for row in flagged]
    return [
        "Most of what the maps have beyond those of negative images is outside of lungs, heart and "
        "true region for "
        f"{numbers.listed(named)}: {'this network' if len(named) == 1 else 'these networks'} may "
        "use a spurious correlation."
    ]


def _value(row: LocalisationRow | None) -> str:
    if row is None:
        return numbers.UNDEFINED
    return numbers.with_interval(row.value, row.low, row.high, 2)


def _means(measures: list[LocalisationRow]) -> tuple[ShownTable, ...]:
    by_key = {(row.model, row.metric): row for row in measures if row.finding == MEAN}
    models = {row.model: row.kind for row in measures if row.finding == MEAN}
    return shown(
        "Localisation, mean over findings",
        ("Maps of", "Kind", *MEASURES.values()),
        [
            (model, kind, *(_value(by_key.get((model, metric))) for metric in MEASURES))
            for model, kind in sorted(models.items(), key=lambda one: one[1] not in _OWN)
        ],
        2,
    )


def _by_finding(measures: list[LocalisationRow]) -> tuple[ShownTable, ...]:
    chosen = [
        row
        for row in measures
        if row.metric == _HEADLINE and row.finding != MEAN and row.kind != occlusion.KIND
    ]
    models = [*dict.fromkeys(row.model for row in chosen)]
    by_key = {(row.finding, row.model): row for row in chosen}
    first = {row.finding: row for row in reversed(chosen)}
    findings = dict.fromkeys(row.finding for row in chosen)
    return shown(
        "Map AUROC by finding, with number and size of the true regions",
        ("Finding", "Images", "Patients", "Regions", "Area", *models),
        [
            (
                finding,
                numbers.count(first[finding].images),
                numbers.count(first[finding].patients),
                numbers.count(first[finding].regions),
                percent(first[finding].area or 0.0),
                *(_value(by_key.get((finding, model))) for model in models),
            )
            for finding in findings
        ],
        1,
    )


def _differences(differences: list[LocalisationDifferenceRow]) -> tuple[ShownTable, ...]:
    chosen = [
        row
        for row in differences
        if row.finding == MEAN and row.metric in MEASURES and not occlusion.is_of(row)
    ]
    return shown(
        "Paired differences, mean over findings",
        ("First", "Second", "Measure", "Difference", "Interval", "Adjusted p", "Verdict"),
        [
            (
                row.model_a,
                row.model_b,
                MEASURES[row.metric],
                numbers.signed(row.difference),
                numbers.interval(row.low, row.high),
                numbers.p_value(row.p_adjusted),
                occlusion.VERDICTS.get(row.verdict, row.verdict),
            )
            for row in chosen
        ],
        3,
    )


def _mass(mass: list[MapMassRow]) -> tuple[ShownTable, ...]:
    return shown(
        "Share of the maps, beyond those of negative images, in lungs, heart or true region",
        (
            "Network",
            "Finding",
            "Maps",
            "Share",
            "Interval",
            "Area",
            "Images",
            "On a planted shortcut",
        ),
        [
            (
                row.model,
                row.finding,
                row.maps,
                percent(row.share) if numbers.defined(row.share) else numbers.UNDEFINED,
                numbers.interval(row.low, row.high, 2),
                percent(row.area or 0.0),
                numbers.count(row.images),
                percent(row.shortcut) if numbers.defined(row.shortcut) else numbers.UNDEFINED,
            )
            for row in mass
        ],
        3,
    )


def _agreement(found: list[MapAgreementRow]) -> tuple[ShownTable, ...]:
    return shown(
        "Rank correlation of maps: between seeds and between networks",
        ("First", "Second", "Kind", "Correlation", "Interval"),
        [
            (
                row.model_a,
                row.model_b,
                row.kind,
                numbers.decimal(row.correlation, 2),
                numbers.interval(row.low, row.high, 2),
            )
            for row in found
        ],
        3,
    )


def _correctness(found: list[LocalisationCorrectnessRow]) -> tuple[ShownTable, ...]:
    return shown(
        "Is localisation better in detected than in missed images? 0.5: no difference",
        ("Network", "Finding", "Detected", "Missed", "AUROC", "Interval", "Adjusted p"),
        [
            (
                row.model,
                row.finding,
                numbers.count(row.detected),
                numbers.count(row.missed),
                numbers.decimal(row.auroc, 2),
                numbers.interval(row.low, row.high, 2),
                numbers.p_value(row.p_adjusted),
            )
            for row in found
            if numbers.defined(row.p_adjusted)
        ],
        2,
    )
