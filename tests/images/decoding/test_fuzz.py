"""Damaged files of every format, in a process of their own: refused or read, never a crash.

Hypothesis mutates real files (and the tests' own where the data is absent) and shrinks what fails.
"""

from __future__ import annotations

import io
import os
import select
import struct
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.data import get_testdata_file

from ..conftest import draw_image, jpeg

SECONDS = 30.0
MEMORY = 2 * 2**30
SERVER = f"""
import resource, struct, sys, warnings
from cxrcompare.images.decoding.decode import decode_bytes
from cxrcompare.images.decoding.image_error import ImageError
from cxrcompare.images.decoding import dicom
from cxrcompare.images.decoding.resize import fit
warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_DATA, ({MEMORY}, {MEMORY}))
sys.stdout.buffer.write(b"."); sys.stdout.buffer.flush()
while (head := sys.stdin.buffer.read(4)):
    data = sys.stdin.buffer.read(struct.unpack("<L", head)[0])
    try:
        image = decode_bytes(data, 64)
        assert image.ndim == 2 and image.dtype.name == "uint8", image.shape
        assert fit(image, 64).shape == (64, 64)
        answer = b"r"
    except ImageError as error:
        assert len(str(error)) < 400 and "\\n" not in str(error)
        answer = b"x"
    sys.stdout.buffer.write(answer); sys.stdout.buffer.flush()
"""
DICOMS = (
    "MR_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_bigendian.dcm",
    "SC_rgb_small_odd_jpeg.dcm",
    "JPGLosslessP14SV1_1s_1f_8b.dcm",
    "vlut_04.dcm",
)


class Decoder:
    """A process that decodes the data sent to it; crashes, hangs and other errors are failures."""

    def __init__(self) -> None:
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
        )
        assert self.answer(120) == b"."

    def answer(self, seconds: float) -> bytes:
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        return self.process.stdout.read(1) if ready else b"hang"

    def ask(self, data: bytes) -> bytes:
        try:
            self.process.stdin.write(struct.pack("<L", len(data)) + data)
            self.process.stdin.flush()
        except BrokenPipeError:
            return b""
        return self.answer(SECONDS)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()


@pytest.fixture(scope="module")
def decoder() -> Iterator[list[Decoder]]:
    holder = [Decoder()]
    yield holder
    holder[0].close()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def seeds() -> dict[str, bytes]:
    grey = Image.fromarray(draw_image(0))
    exif = Image.Exif()
    exif[274] = 6
    found = {
        "jpeg": jpeg(draw_image(0)),
        "progressive": encoded(grey.convert("RGB"), "JPEG", progressive=True),
        "cmyk": encoded(grey.convert("CMYK"), "JPEG"),
        "exif": encoded(grey, "JPEG", exif=exif),
        "png": encoded(grey, "PNG"),
        "png16": encoded(Image.fromarray(draw_image(0).astype(np.uint16) * 200), "PNG"),
        "palette": encoded(grey.convert("P"), "PNG"),
        "rgba": encoded(grey.convert("RGBA"), "PNG"),
    }
    shared = Path(os.environ.get("CXRCOMPARE_SHARED", Path(__file__).parents[3] / "../shared"))
    real = shared / "data/nih-1000/images"
    for path in sorted(real.glob("*.png"))[:1]:
        found["real png"] = path.read_bytes()
        with Image.open(path) as image:
            found["real jpeg"] = encoded(image.convert("L"), "JPEG", quality=90)
    for name in DICOMS:
        path = get_testdata_file(name, download=False)
        if path is not None:
            found[name] = Path(path).read_bytes()
    return found


SEEDS = seeds()
EXTREMES = (
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\x01",
    b"\xff\xff",
    b"\x00\x00",
    b"\x7f\xff\xff\xff",
)


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """Some bytes changed (the header more often than the rest), pieces cut, doubled or moved."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 6))):
        last = max(len(changed) - 1, 0)
        near = st.integers(0, min(last, 800))
        place = draw(st.one_of(near, st.integers(0, last)))
        kind = draw(st.integers(0, 4))
        if kind == 0:
            changed[place : place + 1] = bytes([draw(st.integers(0, 255))])
        elif kind == 1:
            value = draw(st.sampled_from(EXTREMES))
            changed[place : place + len(value)] = value
        elif kind == 2:
            del changed[place : place + draw(st.integers(1, 40))]
        elif kind == 3:
            piece = changed[place : place + draw(st.integers(1, 60))]
            changed[place:place] = piece
        else:
            del changed[place:]
    return bytes(changed)


def test_every_seed_is_read(decoder):
    for name, data in SEEDS.items():
        assert decoder[0].ask(data) == b"r", name


@pytest.mark.slow
@pytest.mark.parametrize("name", SEEDS)
def test_damaged_files_are_read_or_refused(decoder, name):
    @settings(
        max_examples=25,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(mutated(SEEDS[name]))
    def check(data: bytes) -> None:
        answer = decoder[0].ask(data)
        if answer not in (b"r", b"x"):
            decoder[0].process.kill()
            decoder[0].errors.seek(0)
            said = decoder[0].errors.read().decode(errors="replace")[-600:]
            decoder[0].close()
            decoder[0] = Decoder()
            raise AssertionError(f"{answer!r}: {said}")

    check()


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\0" * 128 + b"DICM", b"a,b\n1,2\n"],
    ids=["nothing", "jpeg", "png", "dicom", "text"],
)
def test_a_bare_beginning_is_refused(decoder, data):
    assert decoder[0].ask(data) == b"x"
