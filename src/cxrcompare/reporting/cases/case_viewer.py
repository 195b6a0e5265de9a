"""The case viewer of the page: radiographs, maps and scores, by finding and rule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from cxrcompare.cases import CASES
from cxrcompare.cases.case_file import SIDE, CaseFile, read_cases
from cxrcompare.cases.selecting import DEPTH_WORDS, RULES
from cxrcompare.filesystem.embedding import packaged_text

AGAINST = (59, 76, 192)
FOR = (221, 119, 0)
OPACITY = 0.6
"""The colours of a map and the largest opacity, as in `explaining.overlays`."""


def of_folder(folder: Path) -> Markup:
    """Returns the viewer for the cases of a comparison's folder; empty if there are none.

    Args:
        folder: The folder, which may have the file `cases.json`.

    Raises:
        InputError: The file is damaged.
    """
    path = folder / CASES
    return viewer(read_cases(path)) if path.is_file() else Markup("")


def viewer(cases: CaseFile) -> Markup:
    """Returns the viewer: a section with style, data and script of its own."""
    if not cases.cases:
        return Markup("")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    data = _data(cases)
    megabytes = len(data) / 1e6
    page = packaged_text("cxrcompare.reporting.cases", "template/cases.html")
    text = environment.from_string(page).render(
        style=Markup(packaged_text("cxrcompare.reporting.cases", "template/cases.css")),
        script=Markup(packaged_text("cxrcompare.reporting.cases", "template/cases.js")),
        data=Markup(data),
        cases=cases,
        rules=[RULES[rule] for rule in RULES if any(one.rule == rule for one in cases.cases)],
        depth_words=DEPTH_WORDS,
        megabytes=f"{megabytes:.1f}",
    )
    return Markup(text)


def _data(cases: CaseFile) -> str:
    """Returns the data of the script as JSON that is safe inside of a page."""
    content: dict[str, Any] = cases.model_dump(mode="json")
    content |= {
        "rules": {rule: title for rule, (title, _) in RULES.items()},
        "colours": {"for": FOR, "against": AGAINST},
        "opacity": OPACITY,
        "side": SIDE,
    }
    return json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")
