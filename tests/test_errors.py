"""Tests of the errors that reach the user."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.errors import CheckError, InputError, JobError, raise_all, reason


def test_the_two_errors_are_no_kind_of_each_other():
    # input of a wrong value is a ValueError for who calls the library; a failed job is none
    assert issubclass(InputError, ValueError)
    assert not issubclass(JobError, ValueError)
    assert not issubclass(InputError, RuntimeError)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ValueError("two\n  lines\tand a tab"), "two lines and a tab"),
        (ValueError(""), "ValueError"),
        (ValueError(" \n "), "ValueError"),
        (KeyError("a key"), "'a key'"),
        (OSError(2, "No such file", "a.csv"), "[Errno 2] No such file: 'a.csv'"),
        (ValueError("x" * 500), "x" * 200),
    ],
)
def test_the_reason_is_one_line_of_at_most_200_characters(error, expected):
    assert reason(error) == expected


@given(st.text())
def test_every_reason_is_one_short_line_that_is_not_empty(text):
    found = reason(RuntimeError(text))
    assert len(found.splitlines()) == 1
    assert 1 <= len(found) <= 200


def test_one_problem_is_raised_as_it_is_and_several_as_one_error():
    raise_all([])
    with pytest.raises(JobError, match=r"^full$"):
        raise_all([JobError("full")])
    with pytest.raises(CheckError) as caught:
        raise_all([InputError("a"), JobError("b")])
    assert caught.value.messages == ("a", "b")
    assert str(caught.value) == "a; b"
