"""Decodes a JPEG, PNG or DICOM file to a grey image, (H, W) uint8; refuses any other file."""

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
    """Returns a file's image in grey, in display orientation and with air black.

    The format is recognised by the content, never by the file's name.

    Args:
        path: A JPEG, PNG or DICOM file.
        size: If given, a JPEG with a side of at least four times `size` is decoded at 1/2, 1/4
            or 1/8 of its size (DCT scaling), never below twice what `fit(image, size)` needs.

    Returns:
        (H, W) uint8.

    Raises:
        ImageError: The file cannot be read, is damaged or too large, or has another format.
    """
    return decode_bytes(_read(path), size)


def decode_bytes(data: bytes, size: int | None = None) -> np.ndarray:
    """Returns the grey image of a file's bytes; see `decode`.

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
    except Exception as error:  # a decoder can raise any exception for a damaged file
        raise ImageError(f"cannot be decoded: {_one_line(error)}") from error
    raise ImageError("must be a JPEG, PNG or DICOM file by its content")


def load(path: str | os.PathLike[str], size: int, out: np.ndarray | None = None) -> np.ndarray:
    """Returns a file's image as in a store: decoded, then `fit` into (size, size) uint8.

    Args:
        path: A JPEG, PNG or DICOM file.
        size: The square's side in pixels.
        out: Output array; a new array by default.

    Raises:
        ImageError: See `decode`.
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
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            return _upright(np.asarray(image.convert("RGB").convert("L")), data)
    smaller = _scaling(height, width, size)
    try:
        grey = simplejpeg.decode_jpeg(data, colorspace="GRAY", **smaller)
    except ValueError as error:
        if "extraneous bytes" not in str(error):
            raise
        grey = simplejpeg.decode_jpeg(data, colorspace="GRAY", strict=False, **smaller)
    return _upright(grey[:, :, 0], data)


def _scaling(height: int, width: int, size: int | None) -> dict[str, float]:
    """Returns the decoder's options for a scale of 1/8, 1/4 or 1/2; none for full size.

    The decoded image is at least twice as large as `fit` needs. Decoded at just over `size` and
    resized again, it has 40 dB to the image decoded at full size and resized; at twice the size
    53 dB, as between two good filters. If the factor does not divide a side, the far edge moves;
    the limit is a quarter of an output pixel.
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
    """Rotates and flips the image according to its EXIF orientation (1 to 8)."""
    if b"Exif\x00\x00" not in data[: 2**17]:
        return np.ascontiguousarray(grey)
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        orientation = image.getexif().get(274, 1)
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
    with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
        image.load()
        if image.mode in ("I;16", "I;16B", "I"):
            return eight_bits(np.asarray(image).astype(np.uint16))
        if image.mode in ("L", "1"):
            return np.ascontiguousarray(image.convert("L"))
        if image.mode == "LA":
            return np.ascontiguousarray(image.getchannel("L"))
        return np.ascontiguousarray(image.convert("RGBA").convert("RGB").convert("L"))


def _one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
