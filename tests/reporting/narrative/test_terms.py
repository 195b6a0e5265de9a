"""The explanations of terms."""

from cxrcompare.reporting.narrative.terms import TERMS
from cxrcompare.reporting.results.lookup import METRICS


def test_every_metric_is_explained() -> None:
    assert set(METRICS) <= set(TERMS)
    for term in TERMS.values():
        assert term.words.endswith(".")
        assert term.words != term.name
