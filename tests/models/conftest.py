"""Damaged zip archives for which `zipfile` raises exceptions of several kinds."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest


@pytest.fixture(params=["stream", "encrypted", "compression", "beyond the end"])
def spoil(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    """Damages an archive, so that reading it ends in zlib.error, RuntimeError,
    NotImplementedError or EOFError.
    """
    return partial(_spoil, damage=request.param)


def _spoil(path: Path, damage: str) -> None:
    """Rewrites an archive, and damages each of its members."""
    packing = zipfile.ZIP_STORED if damage == "beyond the end" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        entries = archive.infolist()
        directory = archive.start_dir
    content = bytearray(path.read_bytes())
    for info in entries:
        begin = info.header_offset + 30 + len(info.filename)
        if damage == "stream":
            content[begin] = 0xFF  # a block of the reserved kind
        elif damage == "encrypted":
            content[directory + 8] |= 1
            content[info.header_offset + 6] |= 1
        elif damage == "compression":
            content[directory + 10] = 99
        else:
            content[directory + 20 : directory + 28] = 2 * (1 << 25).to_bytes(4, "little")
        directory += 46 + len(info.filename)
    path.write_bytes(content)
