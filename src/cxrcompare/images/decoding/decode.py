"""A JPEG, PNG or DICOM file -> a grey picture, (H, W) uint8; anything else is refused."""

from __future__ import annotations

import io
import os
import stat
import struct

import cv2
import numpy as np
import simplejpeg
from PIL import Image

from cxrcompare import extras
from cxrcompare.errors import InputError
from cxrcompare.images.decoding.image_error import ImageError, check_shape
from cxrcompare.images.decoding.levels import eight_bits
from cxrcompare.images.decoding.resize import fit

MAX_BYTES = 2**30
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"


def decode(path: str | os.PathLike[str], size: int | None = None) -> np.ndarray:
    """Returns a file's picture in grey, the way it is meant to be seen (upright, air black).

    The format is recognised by content, never by the file's name.

    Args:
        path: A JPEG, PNG or DICOM file.
        size: Where given, a JPEG with a side of at least four times this is decoded at 1/2, 1/4
            or 1/8 of its size (DCT scaling), never below twice what `fit(image, size)` needs.

    Returns:
        (H, W) uint8.

    Raises:
        ImageError: The file cannot be read, is damaged, too large, or of another kind.
    """
    return decode_bytes(_read(path), size)


def decode_bytes(data: bytes, size: int | None = None) -> np.ndarray:
    """Returns the grey picture of a file's bytes; otherwise as `decode`.

    Raises:
        ImageError: As `decode`.
        MissingError: The bytes are a DICOM file's and pydicom is not installed.
    """
    try:
        if data.startswith(_JPEG):
            return _jpeg(data, size)
        if data.startswith(_PNG):
            return _png(data)
        if data[128:132] == b"DICM":
            extras.need("a DICOM file", "images")
            from cxrcompare.images.decoding.dicom import decode_dicom

            return decode_dicom(data)
    except InputError:
        raise
    except MemoryError as error:
        raise ImageError("needs more memory than there is") from error
    except Exception as error:  # a damaged file can raise anything in a decoder
        raise ImageError(f"cannot be decoded: {_one_line(error)}") from error
    raise ImageError("must be a JPEG, PNG or DICOM file by its content")


def load(path: str | os.PathLike[str], size: int, out: np.ndarray | None = None) -> np.ndarray:
    """Returns a file's picture as a store holds it: decoded, then `fit` into (size, size) uint8.

    Args:
        path: A JPEG, PNG or DICOM file.
        size: The square's side in pixels.
        out: Where the picture goes; a new array by default.

    Raises:
        ImageError: As `decode`.
    """
    image = decode(path, size)
    try:
        return fit(image, size, out)
    except cv2.error as error:
        raise ImageError(f"cannot be resized from {image.shape}: {_one_line(error)}") from error


def _read(path: str | os.PathLike[str]) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise ImageError("is not a regular file")
            if status.st_size > MAX_BYTES:
                raise ImageError(
                    f"{status.st_size:,} bytes are more than the {MAX_BYTES:,} allowed"
                )
            data = file.read(status.st_size)
    except OSError as error:
        raise ImageError(f"cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ImageError(f"cannot be read: {error}") from error
    if not data:
        raise ImageError("is empty")
    return data


def _jpeg(data: bytes, size: int | None) -> np.ndarray:
    height, width, colours, _ = simplejpeg.decode_jpeg_header(data, strict=False)
    check_shape(height, width)
    if colours in ("CMYK", "YCCK"):
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
            return _upright(np.asarray(picture.convert("RGB").convert("L")), data)
    smaller = _scaling(height, width, size)
    try:
        grey = simplejpeg.decode_jpeg(data, colorspace="GRAY", **smaller)
    except ValueError as error:
        if "extraneous bytes" not in str(error):
            raise
        grey = simplejpeg.decode_jpeg(data, colorspace="GRAY", strict=False, **smaller)
    return _upright(grey[:, :, 0], data)


def _scaling(height: int, width: int, size: int | None) -> dict[str, float]:
    """Returns what makes the decoder give 1/8, 1/4 or 1/2, at least twice what `fit` needs.

    A decode at just over the size, resized again, is 40 dB from the resized whole picture; at
    twice the size it is 53 dB, the distance between one good filter and another. A factor that
    does not divide a side moves the far edge; by more than a quarter of a new pixel is too much.
    """
    if size is None:
        return {}
    longer, needed = max(height, width), 2 * size
    for factor in (8, 4, 2):
        off = max(-height % factor, -width % factor) * size / longer
        if longer >= needed * factor and off <= 0.25:
            return {
                "min_height": -(-height // factor),
                "min_width": -(-width // factor),
                "min_factor": factor,
            }
    return {}


def _upright(grey: np.ndarray, data: bytes) -> np.ndarray:
    """Turns the picture as its EXIF orientation says (1 to 8)."""
    if b"Exif\x00\x00" not in data[: 2**17]:
        return np.ascontiguousarray(grey)
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        orientation = picture.getexif().get(274, 1)
    turned = {
        2: lambda x: x[:, ::-1],
        3: lambda x: x[::-1, ::-1],
        4: lambda x: x[::-1],
        5: lambda x: x.T,
        6: lambda x: np.rot90(x, -1),
        7: lambda x: x[::-1, ::-1].T,
        8: lambda x: np.rot90(x),
    }.get(orientation, lambda x: x)(grey)
    return np.ascontiguousarray(turned)


def _png(data: bytes) -> np.ndarray:
    width, height = struct.unpack_from(">2L", data, 16)
    check_shape(height, width)
    with Image.open(io.BytesIO(data), formats=("PNG",)) as picture:
        picture.load()
        if picture.mode in ("I;16", "I;16B", "I"):
            return eight_bits(np.asarray(picture).astype(np.uint16))
        if picture.mode in ("L", "1"):
            return np.ascontiguousarray(picture.convert("L"))
        if picture.mode == "LA":
            return np.ascontiguousarray(picture.getchannel("L"))
        return np.ascontiguousarray(picture.convert("RGBA").convert("RGB").convert("L"))


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
