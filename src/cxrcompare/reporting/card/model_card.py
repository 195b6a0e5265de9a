"""Writes the model card of a run: metadata for the Hugging Face Hub, and a page in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from cxrcompare import extras
from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS, MEAN
from cxrcompare.comparison.row_types.group_rows import SubgroupGapRow
from cxrcompare.comparison.row_types.main_rows import MetricRow, ThresholdRow, WarningRow
from cxrcompare.errors import InputError
from cxrcompare.reporting.card import run_facts
from cxrcompare.reporting.card.run_facts import RunFacts
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows, text, title

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

TODO = "To be stated by the author"
_SHOWN = ("auroc", "auprc", "sensitivity", "specificity", "brier", "ece")
_TYPES = {"auroc": "roc_auc", "brier": "brier_score"}
_OPEN = {
    "Intended use": "who is to use the model, for what, and on which patients",
    "Licence": "the licence of the weights; the terms of the data and of the initial weights apply",
    "Contact": "who answers questions",
}


def card(facts: RunFacts, comparison: Comparison | None) -> str:
    """Returns the card of a run: a YAML header and Markdown.

    The card states what the run's files and the comparison hold. What only the author knows is
    marked to be stated.

    Args:
        facts: The run.
        comparison: A comparison that has the run; None for a card without evaluation.

    Raises:
        InputError: The comparison does not have the run, or huggingface_hub is not installed.
    """
    extras.need("`cxrcompare card`", "card")
    from huggingface_hub import ModelCardData

    found = _metrics(facts, comparison) if comparison is not None else []
    data = ModelCardData(
        model_name=facts.name,
        library_name="keras",
        pipeline_tag="image-classification",
        tags=["chest-radiograph", "multi-label-classification", "cxrcompare"],
        eval_results=_evaluation(comparison, found) if comparison is not None and found else None,
    )
    parts = [f"# {facts.name}, seed {facts.seed}", *_introduction(facts)]
    for section, terms in run_facts.lines(facts).items():
        parts += [f"## {section}", _list(terms)]
    if comparison is None:
        parts += ["## Evaluation", "No comparison was given."]
    else:
        parts += ["## Evaluation", *_tables(Results(comparison), facts, found)]
        parts += ["## Limits", *_limits(comparison, facts)]
    parts += [
        f"## Use\n\n```bash\ncxrcompare predict {_safe(facts.name)} IMAGES --out FILE.csv\n```"
    ]
    for section, what in _OPEN.items():
        parts += [f"## {section}", f"**{TODO}**: {what}."]
    return f"---\n{data.to_yaml()}\n---\n\n" + "\n\n".join(parts) + "\n"


def _introduction(facts: RunFacts) -> list[str]:
    count = numbers.plural(len(facts.findings), "finding")
    return [
        f"A {facts.config.get('model', facts.name)} network for {count} on chest radiographs, "
        "trained with cxrcompare. It is a research model. Nothing here is evidence that it is fit "
        "for clinical use."
    ]


def _metrics(facts: RunFacts, comparison: Comparison) -> list[MetricRow]:
    """Returns the rows of the run on the whole test set, or of its model if that has one run.

    Raises:
        InputError: The comparison does not have the run.
    """
    table = comparison.metrics
    names = {one["name"] for one in comparison.models}
    name = facts.name if facts.name in names else facts.folder
    own = table[(table["model"] == name) & (table["subgroup"].fillna("") == "")]
    chosen = own[own["seed"].astype(str) == facts.seed]
    if not len(chosen):
        seeds = next((one["seeds"] for one in comparison.models if one["name"] == name), [])
        chosen = own[own["seed"].astype(str) == ALL_SEEDS] if not seeds else chosen
    if not len(chosen):
        named = ", ".join(one["name"] for one in comparison.models if one["kind"] == "network")
        raise InputError(
            f"the comparison must have {facts.name}, seed {facts.seed}. Received: {named}"
        )
    return rows(chosen, MetricRow)


def _evaluation(comparison: Comparison, found: Sequence[MetricRow]) -> list[EvalResult]:
    from huggingface_hub import EvalResult

    protocol = comparison.protocol
    name = protocol["data"] or protocol["reference"] or TODO
    results: list[EvalResult] = []
    for row in found:
        if row.metric not in _SHOWN or not numbers.defined(row.value):
            continue
        arguments: dict[str, object] = {"finding": row.finding}
        if numbers.defined(row.low) and numbers.defined(row.high):
            arguments |= {
                "interval": [round(row.low, 6), round(row.high, 6)],
                "level": protocol["level"],
            }
        results.append(
            EvalResult(
                task_type="image-classification",
                dataset_type="chest-radiographs",
                dataset_name=f"{name} (synthetic)" if protocol["synthetic"] else name,
                dataset_split="test",
                metric_type=_TYPES.get(row.metric, row.metric),
                metric_name=f"{title(row.metric)}, {row.finding}",
                metric_value=round(row.value, 6),
                metric_args=arguments,
            )
        )
    return results


def _tables(results: Results, facts: RunFacts, found: Sequence[MetricRow]) -> list[str]:
    protocol = results.comparison.protocol
    data = protocol["data"] or protocol["reference"] or "not stated"
    unit = results.unit_words[1]
    size = f", {numbers.count(results.units)} {unit}" if results.units is not None else ""
    words = (
        f"Test set: {data}{size}. The {numbers.percent(results.level)} intervals are of this "
        "trained network: they cover the sampling of patients, not another training."
    )
    values = {(row.finding, row.metric): row for row in found}
    shown = [name for name in _SHOWN if any(metric == name for _, metric in values)]
    body = [
        [finding, _counts(values, finding), *(_cell(values.get((finding, m))) for m in shown)]
        for finding in dict.fromkeys(row.finding for row in found)
        if any((finding, metric) in values for metric in shown)
    ]
    head = ["finding", "positives / negatives", *(title(name) for name in shown)]
    parts = [words, _table(head, body)]
    rank = results.rank(facts.name)
    if rank is not None and len(results.networks) > 1:
        seeds = next(
            (one["seeds"] for one in results.comparison.models if one["name"] == facts.name), []
        )
        mean = f" (mean over {len(seeds)} seeds)" if len(seeds) > 1 else ""
        parts.append(
            f"Among {len(results.networks)} networks, {facts.name}{mean} has rank {rank.rank:g} by "
            f"AUROC, {results.scope}; the interval is {numbers.interval(rank.low, rank.high, 0)}. "
            + _verdicts(results, facts.name)
        )
    thresholds = results.comparison.thresholds
    own = thresholds[(thresholds["model"] == facts.name) & _of_seed(thresholds, facts.seed)]
    if len(own):
        parts.append("Thresholds of sensitivity and specificity, with the rule that chose them:")
        parts.append(
            _table(
                ["finding", "threshold", "rule", "data"],
                [
                    [row.finding, f"{row.threshold:.4g}", text(row.rule), text(row.source)]
                    for row in rows(own, ThresholdRow)
                    if numbers.defined(row.threshold)
                ],
            )
        )
    return parts


def _of_seed(table: pd.DataFrame, seed: str) -> pd.Series[bool]:
    matches: pd.Series[bool] = table["seed"].astype(str).isin([seed, "", ALL_SEEDS])
    return matches


def _verdicts(results: Results, name: str) -> str:
    """Returns the verdicts of the adjusted tests against every other network."""
    words = {"a_better": "better than", "b_better": "worse than", "equivalent": "equivalent to"}
    groups: dict[str, list[str]] = {}
    for other in results.networks:
        found = results.difference(name, other, results.scope) if other != name else None
        if found is not None and found.verdict:
            groups.setdefault(words.get(found.verdict, "undecided against"), []).append(other)
    listed = [f"{verdict} {numbers.listed(others)}" for verdict, others in groups.items()]
    return f"Adjusted tests: {'; '.join(listed)}." if listed else ""


def _limits(comparison: Comparison, facts: RunFacts) -> list[str]:
    own = (facts.name, f"{facts.name} seed {facts.seed}", "")
    found = [row for row in rows(comparison.warnings, WarningRow) if text(row.model) in own]
    lines = [
        f"{f'{row.finding}: ' if text(row.finding) else ''}{text(row.message)}" for row in found
    ]
    if comparison.protocol["synthetic"]:
        lines.insert(0, "The data are synthetic: nothing measured on them is about patients.")
    gaps = comparison.subgroup_gaps
    scope = gaps[(gaps["model"] == facts.name) & (gaps["finding"] == MEAN)]
    for row in rows(scope[scope["verdict"].isin(["lower", "higher"])], SubgroupGapRow):
        lines.append(
            f"{title(row.metric)} is significantly {row.verdict} for {row.column} = {row.value} "
            f"({numbers.signed(row.difference)}, {numbers.interval(row.low, row.high)})."
        )
    if not lines:
        return ["The comparison has no warnings about this model."]
    return ["\n".join(f"- {_safe(line)}" for line in dict.fromkeys(lines))]


def _counts(values: dict[tuple[str, str], MetricRow], finding: str) -> str:
    row = next(row for (name, _), row in values.items() if name == finding)
    return f"{numbers.count(row.positives)} / {numbers.count(row.negatives)}"


def _cell(row: MetricRow | None) -> str:
    if row is None or not numbers.defined(row.value):
        return numbers.UNDEFINED
    return numbers.with_interval(row.value, row.low, row.high)


def _list(terms: Sequence[tuple[str, str]]) -> str:
    return "\n".join(f"- {term}: {_safe(value)}" for term, value in terms)


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *body]
    return "\n".join(f"| {' | '.join(_safe(cell) for cell in line)} |" for line in lines)


def _safe(words: str) -> str:
    """Returns text on one line without what Markdown and HTML would interpret."""
    plain = " ".join(words.split()).replace("\\", "\\\\").replace("|", r"\|")
    return plain.replace("<", "&lt;").replace("`", r"\`").replace("[", r"\[")
