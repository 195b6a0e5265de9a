"""The embedded data of the prevalence slider: sensitivity and specificity with their intervals."""

from __future__ import annotations

import json
from typing import Any

from cxrcompare.comparison.row_types.decision_rows import AtPrevalenceRow
from cxrcompare.reporting.formats.page_data import escaped
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows

_RATES = ("sensitivity", "specificity")
_DIGITS = 10
"""Significant digits, so that the page shows the same rounded numbers as `at_prevalence.csv`."""


def data(results: Results) -> dict[str, Any]:
    """Returns the rates of each network and finding that has a threshold; empty without any.

    The result has the names of the networks, and for each finding its prevalence, where this comes
    from, and rows of: index of the network, sensitivity with its limits, specificity with its
    limits, and the correlation of the two.
    """
    known: dict[tuple[str, str], dict[str, AtPrevalenceRow]] = {}
    for row in rows(results.comparison.at_prevalence, AtPrevalenceRow):
        if row.quantity in _RATES and row.model in results.networks:
            known.setdefault((row.finding, row.model), {})[row.quantity] = row
    findings: dict[str, Any] = {}
    for finding in results.comparison.findings:
        found = [
            (index, pair)
            for index, name in enumerate(results.networks)
            if len(pair := known.get((finding, name), {})) == len(_RATES)
        ]
        if found:
            first = found[0][1]["sensitivity"]
            findings[finding] = {
                "prevalence": _short(first.prevalence),
                "source": first.source,
                "rows": [[index, *_rates(pair)] for index, pair in found],
            }
    return {"networks": results.networks, "findings": findings} if findings else {}


def _rates(pair: dict[str, AtPrevalenceRow]) -> list[float | None]:
    both = [_short(end) for name in _RATES for end in _ends(pair[name])]
    return [*both, _short(pair["sensitivity"].correlation)]


def _ends(row: AtPrevalenceRow) -> tuple[float | None, float | None, float | None]:
    return row.value, row.low, row.high


def _short(value: float | None) -> float | None:
    if not numbers.defined(value):
        return None
    short = float(f"{value:.{_DIGITS}g}")
    return int(short) if short == int(short) else short


def embedded(found: dict[str, Any]) -> str:
    """Returns the data as JSON that is safe in a script element."""
    return escaped(json.dumps(found, ensure_ascii=False, separators=(",", ":")))
