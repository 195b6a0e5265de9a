"""Tests of the terminal summary."""

from cxrcompare.localisation.localise import Inputs, localise
from cxrcompare.localisation.summary import summary, warning_lines

from .made_maps import looking, made_masks, source_of


def test_a_row_for_each_model_with_intervals_where_there_are_enough_patients():
    masks = made_masks(40)
    found = localise(Inputs([looking("m", masks, 8, 0)], [*masks], source_of(masks)))
    head, first, *others = summary(found)
    assert head == ["maps of", "mean hit rate", "mean IoU", "mean map AUROC", "mean map AP"]
    assert first[0] == "m"
    assert all(" to " in cell for cell in first[1:])
    assert [line[0] for line in others] == ["image centre", "random map"]
    assert warning_lines(found) == []
    few = localise(Inputs([looking("m", made_masks(4), 8, 0)], list("abcd"), source_of(masks)))
    assert len(summary(few)) == 1  # no finding has enough patients, so there is no mean
