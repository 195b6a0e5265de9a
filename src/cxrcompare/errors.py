"""The two errors that reach the user: wrong input, and a failed job."""


class InputError(ValueError):
    """The arguments or the input are wrong: exit status 2.

    The message is one line: what was expected, what was received, and where (file, row, column).
    """


class JobError(RuntimeError):
    """The input is right but the job failed (disk full, loss not finite): exit status 1."""


def reason(error: BaseException) -> str:
    """Returns the message of another library's exception as one line of at most 200 characters."""
    return " ".join(str(error).split())[:200] or type(error).__name__
