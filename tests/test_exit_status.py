"""Tests of what a process says of its work: log messages as lines, errors as one line."""

import logging

import pytest

from cxrcompare import exit_status
from cxrcompare.errors import CheckError, InputError, JobError

logger = logging.getLogger("cxrcompare.somewhere")


def test_log_messages_are_plain_lines_of_standard_error_while_the_work_goes_on(capsys):
    def work() -> None:
        logger.debug("too much")
        logger.info("%d of %d", 1, 2)
        logger.warning("100 %")
        logging.getLogger("another").info("of another library")

    assert exit_status.run(work) == 0
    logger.info("afterwards")
    assert capsys.readouterr() == ("", "1 of 2\n100 %\n")


def test_loggers_are_as_they_were_afterwards(caplog):
    ours = logging.getLogger("cxrcompare")
    before = (ours.level, ours.propagate, list(ours.handlers))

    def work() -> None:
        logger.warning("a line")
        raise JobError("the disk is full")

    assert exit_status.run(work) == 1
    assert (ours.level, ours.propagate, list(ours.handlers)) == before
    assert caplog.text == ""


def test_no_message_appears_twice_where_the_root_has_a_handler(caplog, capsys):
    assert exit_status.run(lambda: logger.warning("once")) == 0
    assert capsys.readouterr().err == "once\n"
    assert caplog.records == []


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (InputError("`x` must be\n1"), 2, "`x` must be 1"),
        (JobError("a loss is not finite"), 1, "a loss is not finite"),
        (OSError(28, "No space left on device", "a.csv"), 1, "a.csv: No space left on device"),
        (OSError("of no file"), 1, "OSError: of no file"),
        (
            KeyboardInterrupt(),
            130,
            "interrupted; run the same command again to continue",
        ),
    ],
)
def test_an_error_is_one_line_and_a_status(error, status, line, capsys):
    def work() -> None:
        raise error

    assert exit_status.run(work) == status
    assert capsys.readouterr() == ("", f"cxrcompare: {line}\n")


def test_each_failed_check_is_one_line(capsys):
    def work() -> None:
        raise CheckError(["`x` must be\n1", "`y` must be 2"])

    assert exit_status.run(work) == 2
    assert capsys.readouterr().err == "cxrcompare: `x` must be 1\ncxrcompare: `y` must be 2\n"
