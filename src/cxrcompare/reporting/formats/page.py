"""The HTML page: collects the content of the template from a comparison."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from cxrcompare.evaluation.metrics import LOWER_IS_BETTER
from cxrcompare.reporting.figures import (
    cost_figures,
    finding_curves,
    model_figures,
    net_benefit_figures,
    order_figures,
    overview,
)
from cxrcompare.reporting.figures.figure import Figure, named
from cxrcompare.reporting.formats import page_data, page_style, page_words, site_data
from cxrcompare.reporting.formats.topics import topics
from cxrcompare.reporting.narrative import (
    answer,
    checklist,
    first_screen,
    next_steps,
    protocol_card,
    strengths,
    terms,
)
from cxrcompare.reporting.results import (
    drawn_networks,
    further_results,
    main_table,
    reader_table,
)
from cxrcompare.reporting.results.lookup import (
    OVER_FINDINGS,
    Results,
    text,
    title,
)
from cxrcompare.reporting.results.pairs import MOST_PAIRS
from cxrcompare.reporting.sections.all_sections import sections

_MOST_CHIPS = 12
"""With more networks, the highlighted one is chosen from a list."""


def figures(results: Results) -> dict[str, Figure]:
    """Returns all figures of the report by name, in the order of the page."""
    shown = drawn_networks.drawn(results)
    drawn: list[Figure | None] = [overview.headline(results), *overview.by_finding(results)]
    drawn += [order_figures.forest(results, scope) for scope in results.scopes]
    drawn.append(order_figures.ranks(results))
    for finding in results.comparison.findings:
        drawn += [
            finding_curves.roc(results, finding),
            finding_curves.precision_recall(results, finding),
            net_benefit_figures.decision(results, finding),
        ]
        drawn += [finding_curves.calibration(results, finding, name) for name in shown]
    drawn += [figure for section in sections(results) for figure in section.figures]
    drawn += [model_figures.multilabel(results, name) for name in shown]
    drawn += [model_figures.training(results, name) for name in shown]
    drawn += [cost_figures.cost_against_quality(results, cost) for cost in cost_figures.COSTS]
    return named([figure for figure in drawn if figure is not None])


def render(results: Results, drawn: dict[str, Figure], cases: str = "") -> str:
    """Returns the page as one self-contained HTML document.

    Args:
        results: The comparison.
        drawn: The figures, from `figures`.
        cases: The case viewer as HTML; empty if there are no cases.
    """
    content = _context(results, drawn) | {"cases": Markup(cases)}
    return page_style.environment().get_template("report.html").render(content)


def _context(results: Results, drawn: dict[str, Figure]) -> dict[str, Any]:
    comparison = results.comparison
    by_key = {(figure.kind, figure.about): name for name, figure in drawn.items()}
    gaps = further_results.gap_cells(results)
    found = sections(results)
    shown = drawn_networks.drawn(results)
    rest = len(drawn_networks.others(results))
    warned = page_words.warnings(results)
    site = site_data.data(results)
    content = {
        "differences": len(results.networks) > 1,
        "ranks": ("ranks", "") in by_key,
        "readers": len(comparison.readers) > 0,
        "subgroups": comparison.subgroups,
        "strengths": [
            one
            for one in strengths.profiles(results)
            if (one.strengths or one.limits) and one.name in shown
        ],
        "cost": [model for model in comparison.models if model["cost"]],
        "training": [about for kind, about in by_key if kind == "training"],
        "multilabel": [name for name in results.networks if ("multilabel", name) in by_key],
        "next": next_steps.next_steps(results),
        "warnings": warned,
    }
    return {
        "r": results,
        "c": comparison,
        "style": Markup(page_style.style(len(results.networks))),
        "script": Markup(page_style.packaged("report.js")),
        "site": Markup(site_data.embedded(site)) if site else "",
        "site_findings": list(site["findings"]) if site else [],
        "site_script": Markup(page_style.packaged("site.js")),
        "data": Markup(page_data.embedded(page_data.data(results, drawn))),
        "title": text(comparison.protocol.get("title")) or "Comparison of networks",
        "source": page_words.source(results),
        "synthetic": bool(comparison.protocol.get("synthetic")),
        "topics": topics(content, found),
        "terms": terms.TERMS,
        "answers": first_screen.answers(results, page_words.verdicts(found)),
        "caveats": page_words.caveats(results),
        "tests": answer.answer(results),
        "headline_note": page_words.headline_note(results, drawn),
        "most_chips": _MOST_CHIPS,
        "detailed": shown,
        "shortened": f"The first {len(shown)} networks by rank; {rest} others are in {{}}."
        if rest
        else "",
        "downloadable": page_data.downloadable,
        "protocol": protocol_card.card(results),
        "scope_names": {name: OVER_FINDINGS.get(name, name) for name in results.scopes},
        "tables": {name: main_table.table(results, name) for name in results.scopes},
        "entered": {name: main_table.entered(results, name) for name in results.scopes},
        "metric_names": {name: title(name) for name in results.metrics},
        "parts": main_table.parts(results),
        "part_notes": main_table.notes(results),
        "threshold_note": main_table.threshold_note(results),
        "lower": LOWER_IS_BETTER,
        "figures": drawn,
        "named": by_key,
        "drawing": lambda name: Markup(
            drawn[name].axes.svg(f"f-{name}", drawn[name].title, drawn[name].alt_text)
        ),
        "calibrated": {
            finding: [n for n in results.networks if ("calibration", f"{finding}\n{n}") in by_key]
            for finding in comparison.findings
        },
        "readers": reader_table.tables(results),
        "readers_below": further_results.readers_below(results),
        "non_inferiority": further_results.non_inferiority(results),
        "decided": {
            name: further_results.net_benefit_pairs(results, name) for name in comparison.findings
        },
        "added": [
            row
            for finding in (*results.scopes[:1], *comparison.findings)
            for row in further_results.added(results, finding)
        ]
        if len(comparison.findings) > 1
        else further_results.added(results, results.scope),
        "gaps": gaps,
        "gapped": {cell[:2] for cell in gaps},
        "analytic": {name: further_results.analytic(results, name) for name in comparison.findings},
        "operating": {
            finding: [row for row in page_data.operating(results, finding) if row.model in shown]
            for finding in comparison.findings
        },
        "costs": cost_figures.COSTS,
        "fronts": {cost: cost_figures.pareto(results, cost) for cost in cost_figures.COSTS},
        "profiled": content["strengths"],
        "costed": content["cost"],
        "trained": content["training"],
        "confused": content["multilabel"],
        "warnings": warned,
        "seeds": page_words.seeds(results),
        "interval_words": protocol_card.interval_words(results),
        "strips": [name for name, figure in drawn.items() if figure.kind == "findings"],
        "steps": content["next"],
        "quality": answer.quality(results),
        "correction": comparison.protocol.get("correction") or "bonferroni",
        "checklists": checklist.checklists(results),
        "most_pairs": MOST_PAIRS,
        "sections": found,
    }
