"""Tests of progress where the output is no terminal."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from cxrcompare import progress


@pytest.fixture
def shown() -> Any:
    with progress.shown():
        yield


def test_nothing_is_shown_where_it_is_not_switched_on(monkeypatch, capsys):
    with progress.shown(), progress.shown():
        pass
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress.track("decode", 2, "images", patience=0.0) as advance:
        advance(2)
    print("Downloading", file=progress.stream())
    assert capsys.readouterr().err == ""


def test_another_library_shows_its_progress_where_ours_is_shown(shown):
    assert progress.stream() is sys.stderr


def test_short_work_prints_nothing(shown, capsys):
    with progress.track("decode", 3, "images") as advance:
        for _ in range(3):
            advance()
    assert capsys.readouterr().err == ""


def test_lines_tell_count_rate_and_what_is_left(shown, capsys):
    with progress.track("decode", 4, "images", patience=0.0) as advance:
        advance(2)
        advance(2, "a.png")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("decode: 2/4 images, ")
    assert lines[0].endswith("s left")
    assert lines[-1].startswith("decode: 4/4 images")
    assert lines[-1].endswith("0 s left a.png")


def test_slow_work_has_a_rate_too(shown, monkeypatch, capsys):
    clock = iter([0.0, 8.0, 16.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with progress.track("compare", 8, "steps", patience=0.0) as advance:
        advance(2)
    assert capsys.readouterr().err.startswith("compare: 2/8 steps, 0.25/s, 24 s left")


def test_a_bar_is_drawn_on_a_terminal(shown, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress.track("decode", 2, "images", patience=0.0) as advance:
        advance(2)
    assert "decode" in capsys.readouterr().err


def test_hidden_work_shows_nothing_and_the_next_work_is_shown(shown, capsys):
    with progress.hidden(), progress.track("rehearse", 1, "steps", patience=0.0) as advance:
        advance()
    assert capsys.readouterr().err == ""
    with progress.track("compare", 1, "steps", patience=0.0) as advance:
        advance()
    assert "compare: 1/1 steps" in capsys.readouterr().err
