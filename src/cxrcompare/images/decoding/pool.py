"""Decodes rows in several processes that write the images in order and without gaps to one file."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import IO, Any

import numpy as np

from cxrcompare import isolated
from cxrcompare.errors import JobError
from cxrcompare.extras import MissingError

AHEAD = 4
"""Blocks per worker that may be started before the oldest unfinished block is written."""
CRASHES = 2
SECONDS = 120.0
MEMORY = isolated.MEMORY
CRASHED = "the decoder crashed, hung or ran out of memory"


def block_rows(size: int) -> int:
    """Returns the number of rows per block: 32, or fewer if the images would exceed 32 MiB."""
    return max(1, min(32, 2**25 // size**2))


@dataclass(eq=False)
class Block:
    """Consecutive rows of the table and the results of their decoding.

    Attributes:
        start: The first row.
        paths: The rows' paths below the data folder.
        skip: {row: reason} of the rows whose files must not be opened.
        hashes: XXH3-128 of every accepted image, in order.
        rejected: {row: reason}.
        stamps: The `sources.stamp` of each row's file, (rows, 2) int64.
    """

    start: int
    paths: Sequence[str]
    skip: dict[int, str]
    hashes: list[bytes] = field(default_factory=list)
    rejected: dict[int, str] = field(default_factory=dict)
    stamps: np.ndarray = field(default_factory=lambda: np.empty((0, 2), np.int64))
    decoded: bool = False
    written: bool = False
    offset: int | None = None
    careful: bool = False

    @property
    def rows(self) -> range:
        """The block's rows."""
        return range(self.start, self.start + len(self.paths))


@dataclass(eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    pipe: Connection
    errors: IO[bytes]
    ready: bool = False
    blocks: list[Block] = field(default_factory=list)
    first: Block | None = None
    row: int = -1


class Pool:
    """Worker processes that decode into one file.

    A worker that dies (a crash in a C library, a time-out, out of memory) is replaced, and its
    rows are decoded again one by one. A row that ends two workers is rejected with a reason.

    Args:
        workers: Number of processes.
        pixels: The file that the images are written to.
        root: The data folder.
        size: Side of the images in pixels.
        reuse: Whether later blocks may overwrite a yielded block's bytes in the file, which limits
            the file's length. The blocks' rows must start at 0.
    """

    def __init__(
        self, workers: int, pixels: Path, root: Path, size: int, reuse: bool = False
    ) -> None:
        self._count = workers
        self._job: dict[str, Any] = {
            "pixels": str(pixels.absolute()),
            "root": str(root.absolute()),
            "size": size,
            "rows": block_rows(size),
            "seconds": SECONDS,
            "memory": MEMORY,
        }
        self._image_bytes = size * size
        self._reuse = reuse
        self._workers: list[_Worker] = []
        self._crashes: dict[int, int] = {}

    def run(self, blocks: Sequence[Block], first_offset: int) -> Generator[Block]:
        """Yields every block in order, after its images are written.

        Args:
            blocks: The blocks, in the order of the table.
            first_offset: Offset in bytes of the first accepted image in the file.

        Raises:
            JobError: An image cannot be written, or no worker can be started.
            MissingError: An image needs a package that is not installed.
        """
        todo, in_order = deque(blocks), deque(blocks)
        without_offset = deque(blocks)
        self._offset = first_offset
        self._workers = [self._start() for _ in range(min(self._count, len(blocks)))]
        try:
            while in_order:
                self._assign(todo, in_order)
                for pipe in wait([worker.pipe for worker in self._workers]):
                    worker = next(w for w in self._workers if w.pipe is pipe)
                    try:
                        self._receive(worker, json.loads(worker.pipe.recv_bytes()))
                    except (EOFError, ConnectionResetError):
                        todo.extendleft(reversed(self._replace(worker)))
                self._send_offsets(without_offset)
                while in_order and in_order[0].written:
                    yield in_order.popleft()
        finally:
            self._close()

    def _assign(self, todo: deque[Block], in_order: deque[Block]) -> None:
        """Assigns up to two blocks to every worker, within `AHEAD` of the oldest unwritten one."""
        horizon = in_order[0].start + AHEAD * self._count * self._job["rows"]
        for worker in sorted(self._workers, key=lambda w: len(_undecoded(w))):
            while todo and worker.ready and len(_undecoded(worker)) < 2:
                if todo[0].start > horizon:
                    return
                if worker.blocks and (todo[0].careful or worker.blocks[-1].careful):
                    break  # a careful block is alone with its worker until it is written
                block = todo.popleft()
                worker.blocks.append(block)
                worker.first = worker.first or block
                self._send(
                    worker,
                    {
                        "decode": block.start,
                        "paths": list(block.paths),
                        "skip": block.skip,
                        "careful": block.careful,
                    },
                )

    def _receive(self, worker: _Worker, message: dict[str, Any]) -> None:
        if "missing" in message:
            raise MissingError(message["missing"])
        if "failed" in message:
            later = "" if self._reuse else ". The same command continues where this one stopped"
            raise JobError(f"{self._job['pixels']}: cannot be written: {message['failed']}{later}")
        worker.ready = True
        worker.row = message.get("at", worker.row)
        if "decoded" in message:
            block = next(b for b in worker.blocks if b.start == message["decoded"])
            hashes = [bytes.fromhex(text) for text in message["hashes"]]
            if block.offset is not None and len(hashes) != len(block.hashes):
                raise JobError(f"{self._job['root']}: files changed while they were read")
            block.hashes, block.decoded = hashes, True
            block.rejected = {int(row): reason for row, reason in message["rejected"].items()}
            block.stamps = np.array(message["stamps"], np.int64).reshape(-1, 2)
            if block.offset is not None:
                self._send(worker, {"write": block.start, "at": block.offset})
        if "written" in message:
            block = next(b for b in worker.blocks if b.start == message["written"])
            block.written = True
            worker.blocks.remove(block)

    def _send_offsets(self, without_offset: deque[Block]) -> None:
        """Sends each block's offset to its worker after all earlier blocks are decoded."""
        while without_offset and without_offset[0].decoded:
            block = without_offset.popleft()
            block.offset = self._next_offset(block)
            worker = next(w for w in self._workers if block in w.blocks)
            self._send(worker, {"write": block.start, "at": block.offset})

    def _next_offset(self, block: Block) -> int:
        """Returns a block's offset: after the previous block, or over a yielded block."""
        offset = self._offset
        if self._reuse:
            rows = self._job["rows"]
            slot = block.start // rows % (AHEAD * self._count + 1)
            return offset + slot * rows * self._image_bytes
        self._offset += len(block.hashes) * self._image_bytes
        return offset

    def _replace(self, worker: _Worker) -> list[Block]:
        """Replaces a dead worker and returns the blocks that it had not finished."""
        status = worker.process.wait()
        if not worker.ready:
            worker.errors.seek(0)
            output = worker.errors.read().decode(errors="replace").strip().splitlines()
            raise JobError(
                f"a decoding process cannot start ({isolated.ended(status)})"
                + (f": {output[-1]}" if output else "")
            )
        self._end(worker)
        self._workers[self._workers.index(worker)] = self._start()
        suspect = next(iter(_undecoded(worker)), None)
        fresh = suspect is not None and suspect is worker.first
        if suspect is not None and fresh and suspect.careful and worker.row in suspect.rows:
            self._crashes[worker.row] = self._crashes.get(worker.row, 0) + 1
            if self._crashes[worker.row] >= CRASHES:
                suspect.skip[worker.row] = CRASHED
        for block in worker.blocks:
            block.decoded = False
            block.careful = True
        return worker.blocks

    def _send(self, worker: _Worker, message: dict[str, Any]) -> None:
        try:
            worker.pipe.send_bytes(json.dumps(message).encode())
        except (BrokenPipeError, ConnectionResetError):
            return  # the worker died; `wait` reports it, and its blocks are decoded again

    def _start(self) -> _Worker:
        ours, theirs = Pipe()
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the worker
        process = subprocess.Popen(
            isolated.command("cxrcompare.images.decoding.worker", str(theirs.fileno())),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=errors,
            stderr=errors,
            env=isolated.environment(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1"),
        )
        theirs.close()
        worker = _Worker(process, ours, errors)
        self._send(worker, self._job)
        return worker

    def _end(self, worker: _Worker) -> None:
        worker.pipe.close()
        worker.errors.close()
        try:
            worker.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()

    def _close(self) -> None:
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            self._end(worker)


def _undecoded(worker: _Worker) -> list[Block]:
    return [block for block in worker.blocks if not block.decoded]
