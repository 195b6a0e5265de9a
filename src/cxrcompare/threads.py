"""Independent work in threads: what has not begun is dropped after an error or Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from cxrcompare import environment

_WORTH_THREADS = 500_000
"""The scores of a comparison from which its parts gain by threads.

Below, each part is short calls that hold the interpreter lock, and passing the lock on costs more
than is gained: 10 models x 500 studies x 14 findings take a third more processor time in threads.
"""


@contextmanager
def threads(number: int | None = None) -> Iterator[Callable[..., Future[Any]]]:
    """Yields a function that starts work in a thread: `start(function, *arguments)`.

    Threads help where NumPy, numba or the operating system release the interpreter lock. At the
    end of the block all started work is done. If the block is left by an error or Ctrl-C, work that
    has not begun is dropped.

    Args:
        number: The number of threads; one per core by default.
    """
    pool = ThreadPoolExecutor(number or environment.cores())
    try:
        yield pool.submit
    except BaseException:
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


@contextmanager
def threads_for(scores: int) -> Iterator[Callable[..., Future[Any]]]:
    """Yields a function as `threads` does; with few scores it works at once, without a thread.

    An error then leaves the function itself, not the result.

    Args:
        scores: The number of scores that are worked on.
    """
    if scores < _WORTH_THREADS:
        yield _at_once
        return
    with threads() as start:
        yield start


def _at_once(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
    """Returns the result as that of work that is done."""
    done: Future[Any] = Future()
    done.set_result(function(*arguments))
    return done
