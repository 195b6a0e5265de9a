"""The methods section of a paper, written from the protocol and tables of a comparison."""

from __future__ import annotations

from collections.abc import Callable

from cxrcompare.reporting.formats.latex import escaped
from cxrcompare.reporting.paper import data_sentences, interval_sentences, statistics_sentences
from cxrcompare.reporting.paper.analyses import described_tables
from cxrcompare.reporting.paper.sentence import Sentence
from cxrcompare.reporting.results.lookup import Results

_PARAGRAPHS: tuple[tuple[str, tuple[Callable[[Results], list[Sentence]], ...]], ...] = (
    ("Data", (data_sentences.data,)),
    ("Models", (data_sentences.models, data_sentences.thresholds)),
    (
        "Statistical analysis",
        (
            statistics_sentences.metrics,
            interval_sentences.intervals,
            statistics_sentences.tests,
            described_tables.further,
        ),
    ),
    ("Software", (data_sentences.software,)),
)


def paragraphs(results: Results) -> dict[str, list[Sentence]]:
    """Returns the sentences of each paragraph by its heading; no paragraph without sentences.

    Every statement is from the protocol or a table of the comparison. What the comparison does not
    hold is not stated.
    """
    found = {
        heading: [one for make in makers for one in make(results)]
        for heading, makers in _PARAGRAPHS
    }
    return {heading: sentences for heading, sentences in found.items() if sentences}


def cited(results: Results) -> list[str]:
    """Returns the keys of all references of the section, sorted."""
    every = [one for sentences in paragraphs(results).values() for one in sentences]
    return sorted({key for one in every for key in one.cites})


def markdown(results: Results) -> str:
    """Returns the section as Markdown with citations for pandoc, such as [@delong1988]."""
    parts = ["## Methods"]
    for heading, sentences in paragraphs(results).items():
        text = " ".join(_markdown(one) for one in sentences)
        parts += [f"### {heading}", text]
    return "\n\n".join(parts) + "\n"


def _markdown(one: Sentence) -> str:
    keys = "; ".join(f"@{key}" for key in one.cites)
    words = " ".join(one.words.split())
    return f"{words} [{keys}]." if keys else f"{words}."


def latex(results: Results) -> str:
    r"""Returns the section as LaTeX with \cite, for \input."""
    parts = [r"\subsection{Methods}"]
    for heading, sentences in paragraphs(results).items():
        text = " ".join(_latex(one) for one in sentences)
        parts.append(f"\\paragraph{{{escaped(heading)}.}} {text}")
    return "\n\n".join(parts) + "\n"


def _latex(one: Sentence) -> str:
    cites = f"~\\cite{{{','.join(one.cites)}}}" if one.cites else ""
    return f"{escaped(one.words)}{cites}."
