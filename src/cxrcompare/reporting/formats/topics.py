"""The topics of the page below the first screen: those with content, in the order people ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from cxrcompare.reporting.sections.section import Section


class Topic(NamedTuple):
    """A topic: its heading, and the question that it answers."""

    heading: str
    question: str


TABLE = Topic("Main table", "How good is each network, by every metric?")
_EARLY = "early sections"
_SECTIONS = "sections"

_TOPICS: dict[str, Topic] = {
    "table": TABLE,
    "differences": Topic("Differences", "Which networks differ, and by how much?"),
    _EARLY: Topic("", ""),
    "ranks": Topic("Ranks", "How sure is the order?"),
    "readers": Topic("Readers", "How do they compare with human readers?"),
    "subgroups": Topic("Subgroups", "How good are they in each group of patients?"),
    _SECTIONS: Topic("", ""),
    "findings": Topic(
        "Results by finding", "How good are they for one finding, at which threshold?"
    ),
    "strengths": Topic("Strengths and limitations", "What is each network good and bad at?"),
    "cost": Topic("Cost and performance", "What does each network cost?"),
    "training": Topic("Training", "How did the training go?"),
    "multilabel": Topic("Multi-label confusion", "Which findings are confused with each other?"),
    "next": Topic("Next steps", "What would make the answer clearer?"),
    "warnings": Topic("Warnings", "What may be wrong with the files?"),
    "protocol": Topic("Protocol", "What was compared, on which data, and how?"),
    "terms": Topic("Terms", "What do the words mean?"),
    "checklist": Topic("Reporting checklists", "What must a paper report?"),
}


def topics(content: dict[str, object], sections: Sequence[Section]) -> dict[str, Topic]:
    """Returns the topics that have content, in order.

    Args:
        content: {topic: its content, which is false if there is none}; a topic that is not named
            has content.
        sections: The sections; early ones come after the differences, others after the subgroups.
    """
    found: dict[str, Topic] = {}
    for key, topic in _TOPICS.items():
        if key in (_EARLY, _SECTIONS):
            chosen = [one for one in sections if one.early == (key == _EARLY)]
            found |= {one.key: Topic(one.title, one.question) for one in chosen}
        elif content.get(key, True):
            found[key] = topic
    return found
