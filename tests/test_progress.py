"""Tests of progress where the output is no terminal."""

from cxrcompare import progress


def test_short_work_prints_nothing(capsys):
    with progress.track("decode", 3, "images") as advance:
        for _ in range(3):
            advance()
    assert capsys.readouterr().err == ""


def test_lines_tell_count_rate_and_what_is_left(capsys):
    with progress.track("decode", 4, "images", patience=0.0) as advance:
        advance(2)
        advance(2, "a.png")
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("decode: 2/4 images, ")
    assert lines[0].endswith("s left")
    assert lines[-1].startswith("decode: 4/4 images")
    assert lines[-1].endswith("0 s left a.png")


def test_slow_work_has_a_rate_too(monkeypatch, capsys):
    clock = iter([0.0, 8.0, 16.0])
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    with progress.track("compare", 8, "steps", patience=0.0) as advance:
        advance(2)
    assert capsys.readouterr().err.startswith("compare: 2/8 steps, 0.25/s, 24 s left")


def test_a_bar_is_drawn_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with progress.track("decode", 2, "images", patience=0.0) as advance:
        advance(2)
    assert "decode" in capsys.readouterr().err
