"""The errors that reach the user: wrong input, several wrong inputs, and a failed job."""

from __future__ import annotations

from collections.abc import Sequence


class InputError(ValueError):
    """The arguments or the input are wrong: exit status 2.

    The message is one line: what was expected, what was received, and where (file, row, column).
    """


class CheckError(InputError):
    """Several checks failed; the command line prints one line for each.

    Attributes:
        messages: One line for each failed check.
    """

    def __init__(self, messages: Sequence[str]) -> None:
        self.messages = tuple(messages)
        super().__init__("; ".join(messages))


class JobError(RuntimeError):
    """The input is right but the job failed (disk full, loss not finite): exit status 1."""


def reason(error: BaseException) -> str:
    """Returns the message of another library's exception as one line of at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def raise_all(problems: Sequence[InputError | JobError]) -> None:
    """Raises the only problem as it is, or several as one `CheckError`; nothing if there is none.

    Raises:
        InputError: There is a problem.
        JobError: The only problem is one.
    """
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise CheckError([str(problem) for problem in problems])
