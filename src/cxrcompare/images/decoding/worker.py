"""One decoding process: takes row ranges over a pipe, decodes them, writes them to the store.

`pool.Pool` runs it as `python -P -m cxrcompare.images.decoding.worker`. A decoder that crashes or
hangs ends this process only, and the pool finds out which image it was.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import warnings
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import cv2
import numpy as np
import xxhash

from cxrcompare import extras, isolated
from cxrcompare.images.decoding.decode import load
from cxrcompare.images.decoding.image_error import ImageError
from cxrcompare.images.sources import MISSING, leads_outside, stamp


@dataclass
class _Desk:
    """What one process works with.

    Attributes:
        pipe: To and from the pool.
        job: What the pool said first: root, size, rows in a block, seconds.
        pixels: The descriptor of the file that the pictures go to.
        waiting: {first row: (block, accepted pictures)} of what is decoded and not written.
        spare: Blocks to be used again; new memory costs more than what is copied into it.
    """

    pipe: Connection
    job: dict[str, Any]
    pixels: int
    waiting: dict[int, tuple[np.ndarray, int]] = field(default_factory=dict)
    spare: list[np.ndarray] = field(default_factory=list)

    def send(self, message: dict[str, Any]) -> None:
        self.pipe.send_bytes(json.dumps(message).encode())


def main() -> None:
    """Serves one pool until its pipe closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    warnings.simplefilter("ignore")  # nobody reads them; what matters is a rejection
    pipe = Connection(int(sys.argv[1]))
    job = json.loads(pipe.recv_bytes())
    isolated.limit_memory(job["memory"])
    desk = _Desk(pipe, job, os.open(job["pixels"], os.O_WRONLY))
    try:
        desk.send({"ready": True})
        while True:
            message = json.loads(pipe.recv_bytes())
            if "decode" in message:
                _decode(desk, message)
            else:
                _write(desk, message)
    except extras.MissingError as error:
        desk.send({"missing": str(error)})
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _decode(desk: _Desk, message: dict[str, Any]) -> None:
    """Decodes the rows of a block, keeps their pictures, and tells the pool of them."""
    size, root, skip = desk.job["size"], desk.job["root"], message["skip"]
    shape = (desk.job["rows"], size, size)
    block = desk.spare.pop() if desk.spare else np.empty(shape, np.uint8)
    rejected: dict[int, str] = {}
    hashes: list[str] = []
    stamps: list[tuple[int, int]] = []
    isolated.limit_time(desk.job["seconds"])
    for row, path in enumerate(message["paths"], start=message["decode"]):
        if message["careful"]:
            desk.send({"at": row})
            isolated.limit_time(desk.job["seconds"])
        place = f"{root}/{path}"
        stamps.append(MISSING if leads_outside(path) else stamp(place))
        try:
            if str(row) in skip:
                raise ImageError(skip[str(row)])
            picture = load(place, size, block[len(hashes)])
        except ImageError as error:
            rejected[row] = str(error)
            continue
        hashes.append(xxhash.xxh3_128_hexdigest(picture.data))
    faulthandler.cancel_dump_traceback_later()
    desk.waiting[message["decode"]] = block, len(hashes)
    desk.send(
        {"decoded": message["decode"], "hashes": hashes, "rejected": rejected, "stamps": stamps}
    )


def _write(desk: _Desk, message: dict[str, Any]) -> None:
    """Writes a block's pictures where the pool says."""
    block, accepted = desk.waiting.pop(message["write"])
    view, at = block.data.cast("B")[: accepted * block[0].size], message["at"]
    try:
        while view:
            done = os.pwrite(desk.pixels, view, at)
            view, at = view[done:], at + done
        desk.send({"written": message["write"]})
    except OSError as error:
        desk.send({"failed": error.strerror or str(error)})
    desk.spare.append(block)


if __name__ == "__main__":
    main()
