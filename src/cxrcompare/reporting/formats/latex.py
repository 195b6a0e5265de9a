r"""The tables as LaTeX (booktabs), to be included in a paper with `\input`."""

from __future__ import annotations

import re
from functools import lru_cache

from cxrcompare.reporting.formats.paper_tables import PROTOCOL, paper_tables
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections.section import ShownTable

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "–": "--",
    "—": "---",
    "−": "$-$",
    "…": r"\ldots{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "[": "{[}",
    "]": "{]}",
}
_ESCAPED_NOTE = "% Needs \\usepackage{booktabs,graphicx,textcomp} and \\usepackage[T1]{fontenc}.\n"
_LIGATURES = re.compile(r"([-,])(?=\1)")
_PLAIN = re.compile(r"[A-Za-z0-9.:;()+=/]+(?: [A-Za-z0-9.:;()+=/]+)*")
"""Text without anything to escape."""
_PROTOCOL = "lp{0.62\\linewidth}"
_FITTED = "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%"


def tables(results: Results) -> dict[str, str]:
    """Returns {file name without `.tex`: table}."""
    note = "% Synthetic data.\n" if results.comparison.protocol.get("synthetic") else ""
    return {
        name: note + _ESCAPED_NOTE + _table(one, _PROTOCOL if name == PROTOCOL else "")
        for name, one in paper_tables(results).items()
    }


def escaped(words: object) -> str:
    """Returns text escaped for LaTeX, on one line.

    Characters beyond Latin are written as code points, because the usual fonts lack them.
    """
    return _escaped(str(words))


@lru_cache(maxsize=10_000)
def _escaped(words: str) -> str:
    if _PLAIN.fullmatch(words):
        return words
    printed = "".join(
        _ESCAPED.get(character, character if ord(character) < 0x180 else _code(character))
        for character in _LIGATURES.sub(r"\1\0", " ".join(words.split()))
        if character.isprintable() or character == "\0"
    )
    return printed.replace("\0", "{}")


def _code(character: str) -> str:
    return f"\\texttt{{U+{ord(character):04X}}}"


def _table(one: ShownTable, columns: str = "") -> str:
    head, body = one.head, one.body
    layout = columns or "l" * one.words + "r" * (len(head) - one.words)
    lines = [
        "\\begin{table}",
        "\\centering",
        f"\\caption{{{escaped(one.caption)}}}",
        "\\smallskip",
        "\\small",
        _FITTED,
        f"\\begin{{tabular}}{{{layout}}}",
        "\\toprule",
    ]
    if any(head):
        lines += [" & ".join(escaped(cell) for cell in head) + r" \\", "\\midrule"]
    lines += [" & ".join(escaped(cell) for cell in row) + r" \\" for row in body]
    lines += ["\\bottomrule", "\\end{tabular}}", "\\end{table}"]
    return "\n".join(lines) + "\n"
