"""The section on the mean reader and the panel: verdicts in words."""

import dataclasses

import pytest

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.reader_rows import ReaderNetBenefitRow, ReaderPanelRow
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import reader_panel_section

ROW = ReaderPanelRow(
    model="a",
    finding="mean",
    metric="balanced_accuracy",
    threshold=float("nan"),
    against="mean reader",
    readers=4,
    model_value=0.8,
    reader_value=0.7,
    difference=0.1,
    low=0.05,
    high=0.15,
    p_value=0.001,
    p_adjusted=0.002,
    margin=0.05,
    p_equivalence=0.9,
    degrees=9.0,
    units=200,
    verdict="model_better",
)


def made(make_comparison, found, points=()):
    comparison = dataclasses.replace(
        make_comparison(networks=("a", "b"), findings=("Edema", "Mass")),
        reader_panel=table("reader_panel", found),
        reader_net_benefit=table("reader_net_benefit", points),
    )
    return reader_panel_section.section(Results(comparison))


def test_verdicts_in_balanced_accuracy_are_said(make_comparison):
    other = ROW._replace(model="b", verdict="undecided")
    panel = ROW._replace(against="panel", verdict="readers_better", difference=-0.02)
    rate = ROW._replace(metric="sensitivity", verdict="readers_better")
    point = ReaderNetBenefitRow("Edema", "r1", 0.2, 0.1, 0.05, 0.15)
    section = made(make_comparison, [rate, ROW, other, panel], [point])
    assert section.sentences == (
        "a is better than the mean of 4 readers in balanced accuracy (a: +0.100, 0.050 to 0.150; "
        "adjusted p = 0.002).",
        "For b the comparison with the mean reader in balanced accuracy is undecided.",
        "Against the panel (majority of 4 readers), 0 of 1 network are better and 1 worse.",
    )
    assert (
        section.verdict == "a is better than the mean of 4 readers in balanced accuracy (by 0.10)."
    )
    assert len(section.tables[0].body) == 4
    assert section.tables[1].body == (("Edema", "r1", "0.2", "0.100", "0.050 to 0.150"),)


@pytest.mark.parametrize(
    ("verdict", "others", "words"),
    [
        (
            "undecided",
            "readers_better",
            "Not known: a is not shown to be better or worse than the mean of 4 readers in "
            "balanced accuracy. b is worse.",
        ),
        (
            "readers_better",
            "undecided",
            "No: a is worse than the mean of 4 readers in balanced accuracy (by 0.10).",
        ),
        (
            "equivalent",
            "model_better",
            "a is as good as the mean of 4 readers in balanced accuracy, within the margin. b is "
            "better.",
        ),
    ],
)
def test_the_first_network_by_rank_answers_first(make_comparison, verdict, others, words):
    rows = [ROW._replace(model="b", verdict=others), ROW._replace(verdict=verdict)]
    assert made(make_comparison, rows).verdict == words


def test_without_a_chosen_threshold_nothing_is_claimed(make_comparison):
    section = made(make_comparison, [ROW._replace(verdict="")])
    assert section.sentences == ("No network has a chosen threshold, so readers are not tested.",)
    assert section.verdict == ""


def test_without_readers_there_is_no_section(make_comparison):
    assert made(make_comparison, []) is None
