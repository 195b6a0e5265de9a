"""Lines on standard error and aligned tables on standard output."""

from __future__ import annotations

import pytest

from cxrcompare.cli import output


def test_a_message_is_one_line_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    output.say("3 of 5 done")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "3 of 5 done\n")


def test_columns_are_aligned_without_spaces_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    output.show([("network", "AUROC"), ("a", "0.8"), ("resnet101", "")])
    captured = capsys.readouterr()
    assert captured.out == "network    AUROC\na          0.8\nresnet101\n"
    assert captured.err == ""


def test_a_table_without_rows_prints_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    output.show([])
    assert capsys.readouterr().out == ""


def test_rows_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        output.show([("a", "b"), ("c",)])
