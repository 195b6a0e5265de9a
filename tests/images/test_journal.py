"""Tests of the journal: what it records, and how damaged lines are read."""

from __future__ import annotations

import pytest

from cxrcompare.images import journal


def test_a_journal_cut_in_the_middle_of_a_line_is_read_up_to_that_line(tmp_path):
    path = tmp_path / "journal.jsonl"
    whole = b'{"rows": 2, "hashes": ["00", "01"], "rejected": {}, "stamps": [[5, 6], [7, 8]]}\n'
    path.write_bytes(whole + b'{"rows": 4, "hashes": ["02"], "rejec')
    done = journal.read_journal(path)
    assert (done.rows, done.hashes, done.rejected) == (2, [b"\0", b"\1"], {})
    assert done.all_stamps().tolist() == [[5, 6], [7, 8]]
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",
        b"3",
        b'{"rows": 2}',
        b'{"rows": 9, "hashes": [], "rejected": {}, "stamps": []}',
        b'{"rows": 3, "hashes": ["zz"], "rejected": {}, "stamps": [[1, 2]]}',
        b'{"rows": 3, "hashes": [], "rejected": {"7": "no"}, "stamps": [[1, 2]]}',
    ],
)
def test_a_journal_is_read_up_to_its_first_damaged_line(tmp_path, line):
    path = tmp_path / "journal.jsonl"
    whole = b'{"rows": 2, "hashes": ["00", "01"], "rejected": {}, "stamps": [[5, 6], [7, 8]]}\n'
    path.write_bytes(whole + line + b"\n")
    done = journal.read_journal(path)
    assert (done.rows, done.hashes, done.rejected) == (2, [b"\0", b"\1"], {})
    assert path.read_bytes() == whole
