"""The section on two references, and on the known error rates of a labeller."""

from __future__ import annotations

from cxrcompare.comparison.row_types.label_rows import (
    LabelCorrectionPairRow,
    LabelCorrectionRow,
    ReferenceAgreementRow,
    ReferenceModelRow,
    ReferenceOrderRow,
    ReferencePairRow,
)
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows, title
from cxrcompare.reporting.sections.section import Section, ShownTable, shown

_CHANGES = {
    "changed": "changed",
    "equivalent": "no change larger than the margin",
    "undecided": "not enough patients to tell",
    "": numbers.UNDEFINED,
}
_NOTE = (
    "Both references are compared on the units that both label, over the findings that are "
    "eligible under both. A verdict that differs is no evidence that the references differ: the "
    "change itself is tested, paired by patient. A reference with more errors makes every "
    "difference smaller."
)
_ASSUMED = (
    "The correction assumes that the labeller’s errors do not depend on a network’s score, given "
    "the true label, and that its rates hold in this test set. Labels made from reports that share "
    "the networks’ errors break the first assumption."
)
_MOST_ROWS = 100


def section(results: Results) -> Section | None:
    """Returns the section, or None without a second reference and without error rates."""
    comparison = results.comparison
    pairs = [
        row for row in rows(comparison.reference_pairs, ReferencePairRow) if _scope(results, row)
    ]
    models = [
        row for row in rows(comparison.reference_models, ReferenceModelRow) if _scope(results, row)
    ]
    corrected = [
        row
        for row in rows(comparison.label_correction, LabelCorrectionRow)
        if _scope(results, row) and numbers.defined(row.corrected)
    ]
    if not models and not corrected:
        return None
    sentences = [*_verdicts(pairs), *_order(results), *_corrected(results, corrected)]
    notes = [_NOTE] * bool(models) + [_ASSUMED] * bool(corrected)
    return Section(
        "references",
        "Labels of other sources",
        tuple(sentences),
        (
            *_of_models(models),
            *_of_pairs(pairs),
            *_of_labeller(results),
            *_correction(corrected),
        ),
        " ".join(notes),
        question="Does it depend on who labelled the test set?",
        verdict=_verdict(pairs),
    )


def _scope(
    results: Results, row: ReferencePairRow | ReferenceModelRow | LabelCorrectionRow
) -> bool:
    return row.finding == results.scope


def _verdict(pairs: list[ReferencePairRow]) -> str:
    """Returns the answer for the first screen."""
    if not pairs:
        return ""
    differ = sum(row.verdict != row.verdict_second for row in pairs)
    changed = sum(row.change_verdict == "changed" for row in pairs)
    number = numbers.plural(len(pairs), "pair")
    words = (
        f"With the other labels, the verdict on {differ} of {number} of networks is different"
        if differ
        else f"With the other labels, no verdict on {number} of networks is different"
    )
    if changed:
        return f"{words}; {numbers.plural(changed, 'difference')} changed significantly."
    return f"{words}; no difference changed significantly."


def _verdicts(pairs: list[ReferencePairRow]) -> list[str]:
    if not pairs:
        return []
    differ = [row for row in pairs if row.verdict != row.verdict_second]
    changed = [row for row in pairs if row.change_verdict == "changed"]
    stable = [row for row in pairs if row.change_verdict == "equivalent"]
    found = [
        f"With the second reference, {len(differ)} of {numbers.plural(len(pairs), 'verdict')} on "
        f"pairs of networks {'is' if len(differ) == 1 else 'are'} different; the difference of "
        f"AUROC changes significantly for {len(changed)}, and is shown not to change by more than "
        f"the margin for {len(stable)}."
    ]
    reversed_ = [
        row for row in pairs if {row.verdict, row.verdict_second} == {"a_better", "b_better"}
    ]
    found += [
        f"The verdict on {row.model_a} and {row.model_b} is reversed: "
        f"{_better(row, row.verdict)} under the reference, {_better(row, row.verdict_second)} "
        "under the second one."
        for row in reversed_[:3]
    ]
    return found


def _better(row: ReferencePairRow, verdict: str) -> str:
    return f"{row.model_a if verdict == 'a_better' else row.model_b} is better"


def _order(results: Results) -> list[str]:
    for row in rows(results.comparison.reference_order, ReferenceOrderRow):
        if row.finding == results.scope and numbers.defined(row.p_value):
            significant = row.p_value < results.alpha
            change = (
                "changes the differences between networks"
                if significant
                else "is not shown to change the differences between networks"
            )
            return [
                f"Tested for all networks together, the second reference {change} "
                f"({numbers.p_value(row.p_value)}; Kendall’s tau of both orders "
                f"{numbers.decimal(row.kendall, 2)})."
            ]
    return []


def _corrected(results: Results, corrected: list[LabelCorrectionRow]) -> list[str]:
    aurocs = [row for row in corrected if row.metric == "auroc"]
    if not aurocs:
        return []
    best = max(aurocs, key=lambda row: row.corrected or 0.0)
    found = [
        f"Corrected for the labeller’s error rates, {best.model} has an AUROC of "
        f"{numbers.decimal(best.corrected)} ({numbers.interval(best.low, best.high)}) instead of "
        f"{numbers.decimal(best.observed)}, if the labeller’s errors do not depend on the scores."
    ]
    pairs = [
        row
        for row in rows(results.comparison.label_correction_pairs, LabelCorrectionPairRow)
        if row.finding == results.scope and row.verdict
    ]
    if pairs:
        clear = sum(row.verdict in ("a_better", "b_better") for row in pairs)
        equal = sum(row.verdict == "equivalent" for row in pairs)
        found.append(
            f"Of {numbers.plural(len(pairs), 'corrected difference')}, {clear} "
            f"{'is' if clear == 1 else 'are'} significant and {equal} "
            f"{'is' if equal == 1 else 'are'} equivalent within the margin."
        )
    return found


def _of_models(models: list[ReferenceModelRow]) -> tuple[ShownTable, ...]:
    return shown(
        "Networks under both references",
        (
            "Network",
            "AUROC",
            "AUROC, second labels",
            "Rank",
            "Rank, second labels",
            "Change of AUROC",
            "Interval",
        ),
        [
            (
                row.model,
                numbers.decimal(row.auroc),
                numbers.decimal(row.auroc_second),
                numbers.count(row.rank),
                numbers.count(row.rank_second),
                numbers.signed(row.change),
                numbers.interval(row.low, row.high),
            )
            for row in sorted(models, key=lambda row: numbers.number(row.rank))
        ],
        1,
    )


def _of_pairs(pairs: list[ReferencePairRow]) -> tuple[ShownTable, ...]:
    return shown(
        "Differences of networks under both references",
        (
            "Networks",
            "Verdict",
            "Verdict, second labels",
            "Change of the difference",
            "Difference",
            "Difference, second labels",
            "Change",
            "Interval",
        ),
        [
            (
                f"{row.model_a} − {row.model_b}",
                numbers.verdict(row.verdict, row.model_a, row.model_b),
                numbers.verdict(row.verdict_second, row.model_a, row.model_b),
                _CHANGES[row.change_verdict],
                numbers.signed(row.difference),
                numbers.signed(row.difference_second),
                numbers.signed(row.change),
                numbers.interval(row.low, row.high),
            )
            for row in sorted(pairs, key=lambda row: numbers.number(row.p_adjusted))
        ],
        4,
        _MOST_ROWS,
        "reference_pairs.csv",
    )


def _of_labeller(results: Results) -> tuple[ShownTable, ...]:
    return shown(
        "The reference as a labeller, against the second reference",
        (
            "Finding",
            "Units",
            "Positives",
            "Positives, second labels",
            "Kappa",
            "Sensitivity",
            "Specificity",
        ),
        [
            (
                row.finding,
                numbers.count(row.units),
                numbers.count(row.positives),
                numbers.count(row.positives_second),
                numbers.decimal(row.kappa, 2),
                numbers.with_interval(
                    row.sensitivity, row.sensitivity_low, row.sensitivity_high, 2
                ),
                numbers.with_interval(
                    row.specificity, row.specificity_low, row.specificity_high, 2
                ),
            )
            for row in rows(results.comparison.reference_agreement, ReferenceAgreementRow)
        ],
        1,
    )


def _correction(corrected: list[LabelCorrectionRow]) -> tuple[ShownTable, ...]:
    return shown(
        "Corrected for the labeller’s error rates",
        ("Network", "Metric", "Observed", "Corrected", "Interval"),
        [
            (
                row.model,
                title(row.metric),
                numbers.decimal(row.observed),
                numbers.decimal(row.corrected),
                numbers.interval(row.low, row.high),
            )
            for row in corrected
        ],
        2,
    )
