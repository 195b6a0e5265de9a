"""The two errors a user can meet: wrong input, and a failed job."""


class InputError(ValueError):
    """The arguments or the input are wrong: exit status 2.

    The message is one line: what was expected, what was received, and where (file, row, column).
    """


class JobError(RuntimeError):
    """The input was right and the job failed (disk full, loss not finite): exit status 1."""


def reason(error: BaseException) -> str:
    """Returns what another library's exception says, in one line of at most 200 letters."""
    return " ".join(str(error).split())[:200] or type(error).__name__
