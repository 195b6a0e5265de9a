"""A decoding process: receives blocks of rows over a pipe, decodes them, writes them to the store.

`pool.Pool` runs it as `python -P -m cxrcompare.images.decoding.worker`. A decoder that crashes or
hangs ends only this process, and the pool identifies the image.
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
class _State:
    """State of the process.

    Attributes:
        pipe: Connection to the pool.
        job: The pool's first message: root, size, rows per block, seconds, memory.
        pixels: Descriptor of the output file.
        waiting: {first row: (block, accepted images)} of decoded blocks that are not yet written.
        spare: Buffers for reuse; new memory costs more than copying into it.
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
    warnings.simplefilter("ignore")  # nobody reads warnings of this process
    pipe = Connection(int(sys.argv[1]))
    job = json.loads(pipe.recv_bytes())
    isolated.limit_memory(job["memory"])
    state = _State(pipe, job, os.open(job["pixels"], os.O_WRONLY))
    try:
        state.send({"ready": True})
        while True:
            message = json.loads(pipe.recv_bytes())
            if "decode" in message:
                _decode(state, message)
            else:
                _write(state, message)
    except extras.MissingError as error:
        state.send({"missing": str(error)})
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return


def _decode(state: _State, message: dict[str, Any]) -> None:
    """Decodes the rows of a block, keeps their images, and reports to the pool."""
    size, root, skip = state.job["size"], state.job["root"], message["skip"]
    shape = (state.job["rows"], size, size)
    block = state.spare.pop() if state.spare else np.empty(shape, np.uint8)
    rejected: dict[int, str] = {}
    hashes: list[str] = []
    stamps: list[tuple[int, int]] = []
    isolated.limit_time(state.job["seconds"])
    for row, path in enumerate(message["paths"], start=message["decode"]):
        if message["careful"]:
            state.send({"at": row})
            isolated.limit_time(state.job["seconds"])
        file = f"{root}/{path}"
        stamps.append(MISSING if leads_outside(path) else stamp(file))
        try:
            if str(row) in skip:
                raise ImageError(skip[str(row)])
            image = load(file, size, block[len(hashes)])
        except ImageError as error:
            rejected[row] = str(error)
            continue
        hashes.append(xxhash.xxh3_128_hexdigest(image.data))
    faulthandler.cancel_dump_traceback_later()
    state.waiting[message["decode"]] = block, len(hashes)
    state.send(
        {"decoded": message["decode"], "hashes": hashes, "rejected": rejected, "stamps": stamps}
    )


def _write(state: _State, message: dict[str, Any]) -> None:
    """Writes a block's images at the offset that the pool sent."""
    block, accepted = state.waiting.pop(message["write"])
    view, at = block.data.cast("B")[: accepted * block[0].size], message["at"]
    try:
        while view:
            done = os.pwrite(state.pixels, view, at)
            view, at = view[done:], at + done
        state.send({"written": message["write"]})
    except OSError as error:
        state.send({"failed": error.strerror or str(error)})
    state.spare.append(block)


if __name__ == "__main__":
    main()
