"""Independent work in threads: what has not begun is dropped after an error or Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from cxrcompare import environment


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
