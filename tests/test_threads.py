"""Tests of work in threads."""

import threading

import pytest

from cxrcompare.threads import threads, threads_for


def test_all_started_work_is_done_at_the_end_of_the_block():
    done = []
    with threads(2) as start:
        for number in range(50):
            start(done.append, number)
    assert sorted(done) == list(range(50))


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_work_that_has_not_begun_is_dropped_after_an_error(error):
    begun, go, done = threading.Event(), threading.Event(), []

    def first():
        begun.set()
        go.wait(10)
        done.append("first")

    def fail():
        with threads(1) as start:
            start(first)
            start(done.append, "second")
            begun.wait(10)
            threading.Timer(0.05, go.set).start()
            raise error

    with pytest.raises(error):
        fail()
    assert done == ["first"]


def test_little_work_is_done_at_once():
    def fail():
        raise ValueError("wrong")

    with threads_for(10) as start:
        assert start(threading.get_ident).result() == threading.get_ident()
        with pytest.raises(ValueError, match="wrong"):
            start(fail)


def test_much_work_is_done_in_threads():
    with threads_for(10**7) as start:
        assert start(threading.get_ident).result() != threading.get_ident()
