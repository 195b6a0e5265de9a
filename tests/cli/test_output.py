"""Lines on standard error and aligned tables on standard output."""

from __future__ import annotations

import gc
import subprocess
import sys

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


def test_garbage_is_collected_rarely_in_the_block_and_as_before_after_it() -> None:
    before = gc.get_threshold()
    with output.collecting_rarely():
        assert gc.isenabled()
        assert gc.get_threshold() > (100_000, 20, 20)
    assert gc.get_threshold() == before


def test_the_end_of_the_process_collects_no_garbage() -> None:
    code = (
        "import gc\n"
        "from cxrcompare.cli import output\n"
        "class Cycle:\n"
        "    def __del__(self): print('collected')\n"
        "with output.collecting_rarely(): one = Cycle()\n"
        "one.self = one; gc.collect(); del one\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == ""
