"""Each further table is described if it has rows, and only then."""

import dataclasses

import pytest

from cxrcompare.comparison.result.comparison import TABLES
from cxrcompare.reporting.paper import methods_section
from cxrcompare.reporting.paper.analyses.described_tables import DESCRIBED, ELSEWHERE, further
from cxrcompare.reporting.paper.bibliography import references
from cxrcompare.reporting.results.lookup import Results


def without(comparison, names):
    return dataclasses.replace(
        comparison,
        **{
            name: {} if name == "multilabel_confusion" else getattr(comparison, name).iloc[:0]
            for name in names
        },
    )


def test_every_table_is_described_here_or_elsewhere():
    assert set(DESCRIBED) | set(ELSEWHERE) == {*TABLES, "multilabel_confusion"}
    assert set(DESCRIBED) & set(ELSEWHERE) == set()


@pytest.mark.parametrize("table", DESCRIBED)
def test_a_table_is_described_exactly_if_it_has_rows(everything, table):
    own = DESCRIBED[table](Results(everything))
    assert own
    full = further(Results(everything))
    others = further(Results(without(everything, [table])))
    assert others == [one for one in full if one not in own]
    assert len(others) == len(full) - len(own)
    rest = set(DESCRIBED) - {table}
    alone = dataclasses.replace(without(everything, rest), subgroups={})
    assert further(Results(alone)) == own
    for one in own:
        assert set(one.cites) <= set(references())
        assert "None" not in one.words
        assert "nan" not in one.words.split()
        assert not one.words.endswith((".", " "))
        assert one.words[0].isupper()


def test_a_result_without_further_tables_has_no_such_sentence(everything):
    assert further(Results(dataclasses.replace(without(everything, DESCRIBED), subgroups={}))) == []


def test_no_sentence_stands_twice(everything):
    for sentences in methods_section.paragraphs(Results(everything)).values():
        words = [one.words for one in sentences]
        assert len(set(words)) == len(words)


def words_of(comparison, table, **columns):
    """Returns the sentences on a table with other values in some columns."""
    changed = getattr(comparison, table).assign(**columns)
    other = dataclasses.replace(comparison, **{table: changed})
    return " ".join(one.words for one in DESCRIBED[table](Results(other)))


@pytest.mark.parametrize(
    ("table", "columns", "stated", "not_stated"),
    [
        ("net_benefit_differences", {"threshold": 0.23}, "0.23", "0.1"),
        ("net_benefit_opponents", {"opponent": "treat none"}, "calling no", "calling all"),
        ("at_prevalence", {"source": "test set"}, "in the test set", "stated prevalence"),
        ("at_prevalence", {"quantity": "ppv"}, "Predictive values", "costs"),
        ("recalibrated", {"version": "isotonic"}, "isotonic", "logistic"),
        ("subgroup_gaps", {"p_adjusted": float("nan")}, "without tests", "adjusted"),
        ("subgroup_gaps", {"metric": "auroc"}, "AUROC", "sensitivity"),
        ("subgroup_gaps", {"margin": 0.077}, "0.077", "0.04"),
        ("gap_differences", {"p_equivalence": float("nan")}, "paired tests", "margin"),
        ("site_metrics", {"site": "North"}, "1 site: North", "B"),
        ("site_pooled", {"prediction_low": float("nan")}, "Cochran", "new site"),
        ("site_pooled", {"p_equivalence": float("nan")}, "random factor", "margin"),
        ("reader_panel", {"against": "panel"}, "majority", "random factor"),
        ("reader_panel", {"against": "mean reader"}, "random factor", "majority"),
        ("reference_pairs", {"p_equivalence": float("nan")}, "both references", "margin"),
        ("label_correction", {"metric": "specificity"}, "of specificity were", "AUROC"),
        ("readers", {"reader": "only"}, "One reader labelled", "readers"),
        ("agreement", {"reader_a": "one"}, "Cohen", "Fleiss"),
        ("analytic", {"method": "DeLong"}, "DeLong", "Obuchowski"),
        ("localisation", {"metric": "iou"}, "intersection over union", "hit rate"),
        ("map_agreement", {"kind": "seeds"}, "two seeds", "random weights"),
        ("localisation_differences", {"p_equivalence": float("nan")}, "paired tests", "margin"),
    ],
)
def test_a_sentence_states_what_the_table_holds(everything, table, columns, stated, not_stated):
    found = words_of(everything, table, **columns)
    assert stated in found
    assert not_stated not in found
