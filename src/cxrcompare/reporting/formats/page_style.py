"""The template of the page: its parts, filters, style sheet and scripts."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from cxrcompare.filesystem.embedding import packaged_text
from cxrcompare.reporting.figures import palette
from cxrcompare.reporting.formats.compiled_templates import CompiledTemplates
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import text

_TEMPLATES = Path(__file__).parents[1] / "template"
_WITH_INTERVAL = re.compile(r"([+−]?[\d.,]+) \(([−+]?[\d.,]+ to [−+]?[\d.,]+)\)")


@cache
def environment() -> Environment:
    """Returns the template's environment; a compiled template is kept on disk."""
    made = Environment(
        loader=FunctionLoader(packaged),
        bytecode_cache=CompiledTemplates(_TEMPLATES),
        optimized=False,  # else compiled templates contain results of the filters
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {
        "decimal": numbers.decimal,
        "signed": numbers.signed,
        "count": numbers.count,
        "compact": numbers.compact,
        "duration": numbers.duration,
        "p": numbers.p_value,
        "interval": numbers.interval,
        "probability": numbers.probability,
        "stated": numbers.stated,
        "percent": numbers.percent,
        "text": text,
        "stacked": stacked,
    }
    return made


def stacked(cell: str) -> Markup:
    """Returns a cell with the interval behind its number, "0.8 (0.7 to 0.9)", in a second line."""
    found = _WITH_INTERVAL.fullmatch(cell)
    return Markup("{}<small>{}</small>").format(*found.groups()) if found else escape(cell)


def style(networks: int) -> str:
    """Returns the page's style sheet with the colours of the given number of networks."""
    light, dark = palette.variables(networks), palette.variables(networks, dark=True)
    return (
        f":root{{color-scheme:light;{light}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light])"
        f"{{color-scheme:dark;{dark}}}}}"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}"
        + palette.RULES
        + palette.series_rules(networks)
        + packaged("report.css")
    )


@cache
def packaged(name: str) -> str:
    """Returns a file of the template folder."""
    return packaged_text("cxrcompare.reporting", f"template/{name}")
