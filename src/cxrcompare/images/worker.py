"""One decoding process: takes row ranges over a pipe, decodes them, writes them where it is told.

Run by `workers.Pool` as `python -m cxrcompare.images.worker`, never by hand. A decoder that crashes
or hangs ends this process only, and the pool finds out which image it was.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import xxhash

from cxrcompare.images.decode import ImageError, load


def main() -> None:
    """Serves one pool until its pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    warnings.simplefilter("ignore")  # nobody reads them; what matters is a rejection
    pipe = Connection(int(sys.argv[1]))
    job = json.loads(pipe.recv_bytes())
    _limit_memory(job["memory"])
    pixels = os.open(job["pixels"], os.O_WRONLY)
    waiting: dict[int, np.ndarray] = {}
    try:
        _send(pipe, {"ready": True})
        while True:
            _serve(pipe, json.loads(pipe.recv_bytes()), job, pixels, waiting)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _serve(
    pipe: Connection,
    message: dict[str, Any],
    job: dict[str, Any],
    pixels: int,
    waiting: dict[int, np.ndarray],
) -> None:
    if "decode" in message:
        waiting[message["decode"]], answer = _decode(pipe, message, job)
        _send(pipe, answer)
        return
    start = message["write"]
    try:
        _write(pixels, waiting.pop(start), message["at"])
        _send(pipe, {"written": start})
    except OSError as error:
        _send(pipe, {"failed": error.strerror or str(error)})


def _decode(
    pipe: Connection, message: dict[str, Any], job: dict[str, Any]
) -> tuple[np.ndarray, dict[str, Any]]:
    """Returns the block's pictures, (accepted, size, size), and what the pool must know."""
    size, root, careful = job["size"], Path(job["root"]), message["careful"]
    block = np.empty((len(message["paths"]), size, size), np.uint8)
    skip: dict[str, str] = message["skip"]
    rejected: dict[int, str] = {}
    hashes: list[str] = []
    _watch(job["seconds"])
    for row, path in enumerate(message["paths"], start=message["decode"]):
        if careful:
            _send(pipe, {"at": row})
            _watch(job["seconds"])
        try:
            if str(row) in skip:
                raise ImageError(skip[str(row)])
            picture = load(root / path, size)
        except ImageError as error:
            rejected[row] = str(error)
            continue
        block[len(hashes)] = picture
        hashes.append(xxhash.xxh3_128_hexdigest(picture.data))
    faulthandler.cancel_dump_traceback_later()
    return block[: len(hashes)], {
        "decoded": message["decode"], "hashes": hashes, "rejected": rejected
    }  # fmt: skip


def _watch(seconds: float) -> None:
    """Ends this process when the block, or in careful mode the image, takes too long."""
    faulthandler.dump_traceback_later(seconds, exit=True)


def _write(pixels: int, block: np.ndarray, at: int) -> None:
    if not len(block):
        return
    view = block.data.cast("B")
    while view:
        done = os.pwrite(pixels, view, at)
        view, at = view[done:], at + done


def _limit_memory(allowed: int) -> None:
    """Bounds what a hostile file can make a decoder allocate."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))
    except (ImportError, ValueError, OSError):
        return


def _send(pipe: Connection, message: dict[str, Any]) -> None:
    pipe.send_bytes(json.dumps(message).encode())


if __name__ == "__main__":
    main()
