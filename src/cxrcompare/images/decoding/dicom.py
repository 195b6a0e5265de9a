"""Decodes a DICOM radiograph to (H, W) uint8; only pixel-related elements are read.

Errors never quote text of the header, which can contain patient data: errors end up in logs.
"""

from __future__ import annotations

import io
import struct
import threading
import warnings
from typing import Any

import numpy as np
import pydicom
from PIL import Image
from pydicom.encaps import generate_frames
from pydicom.multival import MultiValue
from pydicom.pixels import apply_modality_lut, apply_voi, get_decoder
from pydicom.pixels.utils import get_expected_length
from pydicom.uid import UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from cxrcompare import extras
from cxrcompare.images.decoding.image_error import ImageError, check_shape
from cxrcompare.images.decoding.levels import full_levels, percentile_levels, window_levels

ELEMENTS = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "RescaleIntercept",
    "RescaleSlope",
    "ModalityLUTSequence",
    "WindowCenter",
    "WindowWidth",
    "VOILUTFunction",
    "VOILUTSequence",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "PixelData",
)
_GREY = ("MONOCHROME1", "MONOCHROME2")
_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_OTHER = ("PALETTE COLOR", "HSV", "ARGB", "CMYK", "YBR_PARTIAL_420", "YBR_PARTIAL_422", "XYB")
"""Standard values that are refused; errors may quote these."""
_QUIET = threading.Lock()  # warning filters apply to the whole process
_DEFLATED = b"1.2.840.10008.1.2.1.99"


def decode_dicom(data: bytes) -> np.ndarray:
    """Returns the image of a single-frame DICOM file, air black, (H, W) uint8.

    Stored values are mapped by the modality LUT or rescale, then by the first VOI LUT, else the
    first window, else the percentile rule (8 bits or fewer: the full range). MONOCHROME1 is
    inverted. Padding is black and does not count for percentiles. Colours are converted to luma.

    Args:
        data: The file's bytes.

    Raises:
        ImageError: The file has no pixels, several frames, more than 16 bits or a palette, or is
            damaged.
    """
    try:
        return _decode(data)
    except (ImageError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - any exception; its text may quote the header
        raise ImageError(f"damaged DICOM ({type(error).__name__})") from None


def _decode(data: bytes) -> np.ndarray:
    with _QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        header = _header(data)
        _check(header)
    pixels = _decoded(header)
    if pixels.ndim == 3:
        return np.ascontiguousarray(Image.fromarray(pixels).convert("L"))
    index = pixels.astype(np.int64, copy=False) if pixels.itemsize > 2 else pixels
    index = index.astype(np.int16 if _signed(header) else np.uint16).view(np.uint16)
    stored = np.arange(2**16, dtype=np.uint16)
    if _signed(header):
        stored = stored.view(np.int16)
    padding = _padding(header, stored)
    counts = np.bincount(index.ravel(), minlength=2**16)
    levels = _levels(header, stored, np.where(padding, 0, counts))
    if header.PhotometricInterpretation == "MONOCHROME1":
        levels = 255 - levels
    levels[padding] = 0
    return levels[index]


def _header(data: bytes) -> pydicom.Dataset:
    """Reads only the pixel-related elements."""
    length = (
        struct.unpack_from("<L", data, 140)[0] if data[132:136] == b"\x02\x00\x00\x00" else 4096
    )
    if _DEFLATED in data[132 : 144 + length]:
        raise ImageError(
            "DICOM with a deflated transfer syntax, whose unpacked size has no known limit"
        )
    try:
        return pydicom.dcmread(io.BytesIO(data), specific_tags=list(ELEMENTS))
    except Exception as error:  # noqa: BLE001 - any exception; its text may quote the header
        raise ImageError(f"damaged DICOM header ({type(error).__name__})") from None


def _check(header: pydicom.Dataset) -> None:
    if "PixelData" not in header:
        raise ImageError("DICOM without integer pixel data")
    frames = int(header.get("NumberOfFrames") or 1)
    if frames != 1:
        raise ImageError(f"DICOM with {frames} frames; must have one")
    photometric = header.get("PhotometricInterpretation")
    if photometric not in (*_GREY, *_COLOUR):
        choices = ", ".join((*_GREY, *_COLOUR))
        received = photometric if not photometric or photometric in _OTHER else "an unknown value"
        raise ImageError(f"DICOM must be of {choices}. Received: {received or 'nothing'}")
    if "Rows" not in header or "Columns" not in header:
        raise ImageError("DICOM without Rows and Columns")
    check_shape(int(header.Rows), int(header.Columns))
    bits = int(header.get("BitsStored") or header.get("BitsAllocated") or 0)
    if not 1 <= bits <= (16 if photometric in _GREY else 8):
        raise ImageError(f"DICOM of {photometric} with {bits} bits stored")


def _decoded(header: pydicom.Dataset) -> np.ndarray:
    """Returns the stored values, (H, W), or the colour image, (H, W, 3) uint8."""
    syntax = _transfer_syntax(header)
    name = syntax.name if syntax.name != syntax else "an unknown transfer syntax"
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        raise ImageError(f"DICOM with {name}, for which there is no decoder") from None
    if not decoder.is_available:
        raise ImageError(f"DICOM with {name} needs more decoders: {extras.install('dicom')}")
    if syntax.is_encapsulated:
        _check_frame(header)
    else:
        _check_length(header)
    shift = _right_align(header)
    try:
        pixels, _ = decoder.as_array(header, raw=False)
    except (Exception, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of a Rust decoder is no Exception
        raise ImageError(f"damaged {name} frame ({type(error).__name__})") from None
    _check_pixels(header, pixels)
    return pixels >> shift if shift else pixels


def _check_pixels(header: pydicom.Dataset, pixels: np.ndarray) -> None:
    """Raises ImageError unless the pixels are one image of the header's shape."""
    expected: tuple[int, ...] = (int(header.Rows), int(header.Columns))
    if header.PhotometricInterpretation in _COLOUR:
        expected = (*expected, 3)
    if pixels.shape != expected:
        shapes = ("x".join(map(str, shape)) for shape in (expected, pixels.shape))
        raise ImageError("DICOM must have pixels of {}. Received: {}".format(*shapes))


def _transfer_syntax(header: pydicom.Dataset) -> UID:
    stated = header.file_meta.get("TransferSyntaxUID")
    if stated:
        return UID(stated)
    implicit, _ = header.original_encoding
    header.file_meta.TransferSyntaxUID = (
        ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    )
    return header.file_meta.TransferSyntaxUID


def _right_align(header: pydicom.Dataset) -> int:
    """Extends the stored bits down to bit 0, and returns the right shift to apply afterwards."""
    stored = int(header.get("BitsStored") or header.BitsAllocated)
    shift = int(header.get("HighBit", stored - 1)) - stored + 1
    if shift <= 0 or header.PhotometricInterpretation not in _GREY:
        return 0
    header.BitsStored = stored + shift
    return shift


def _check_length(header: pydicom.Dataset) -> None:
    """Raises ImageError with the numbers of bytes if pixels are missing or more than one frame.

    pydicom returns several frames if there are more bytes than the header's one frame needs.
    """
    found, needed = len(header.PixelData), get_expected_length(header)
    if not needed <= found < 2 * needed:
        which = "less" if found < needed else "more"
        raise ImageError(f"DICOM with {found:,} bytes of pixels, {which} than expected: {needed:,}")


def _check_frame(header: pydicom.Dataset) -> None:
    """Raises ImageError if a compressed frame states another size than the header.

    The check runs before the frame is decompressed.
    """
    frame = next(generate_frames(header.PixelData, number_of_frames=1))
    found = _frame_shape(frame)
    if found is not None and found != (header.Rows, header.Columns):
        raise ImageError(
            f"DICOM of {header.Rows}x{header.Columns} pixels with a frame of {found[0]}x{found[1]}"
        )


def _frame_shape(frame: bytes) -> tuple[int, int] | None:
    """Returns rows and columns stated by a JPEG, JPEG-LS or JPEG 2000 codestream, or None."""
    start = frame.find(b"\xff\x4f\xff\x51", 0, 4096)
    if start >= 0:
        right, bottom, left, top = struct.unpack_from(">4L", frame, start + 8)
        return bottom - top, right - left
    position = 2 if frame[:2] == b"\xff\xd8" else len(frame)
    while position + 9 <= len(frame) and frame[position] == 0xFF:
        marker = frame[position + 1]
        if (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)) or marker == 0xF7:
            rows, columns = struct.unpack_from(">2H", frame, position + 5)
            return rows, columns
        position += 1 if marker == 0xFF else 2 + struct.unpack_from(">H", frame, position + 2)[0]
    return None


def _signed(header: pydicom.Dataset) -> bool:
    return int(header.get("PixelRepresentation") or 0) == 1


def _padding(header: pydicom.Dataset, stored: np.ndarray) -> np.ndarray:
    """Returns which stored values mark padding, (65536,) bool."""
    value = _first(header.get("PixelPaddingValue"))
    if value is None:
        return np.zeros(len(stored), bool)
    limit = _first(header.get("PixelPaddingRangeLimit"))
    ends = sorted((value, value if limit is None else limit))
    return (stored >= ends[0]) & (stored <= ends[1])


def _levels(header: pydicom.Dataset, stored: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Returns the grey level of every stored value, (65536,) uint8, before any inversion."""
    values = apply_modality_lut(stored, header)
    if header.get("VOILUTSequence"):
        bits = int(header.VOILUTSequence[0].LUTDescriptor[2])
        return full_levels(apply_voi(values.astype(np.int64), header).astype(np.float64), bits)
    values = values.astype(np.float64)
    center, width = _first(header.get("WindowCenter")), _first(header.get("WindowWidth"))
    function = str(header.get("VOILUTFunction") or "LINEAR").upper()
    least = 1.0 if function == "LINEAR" else np.nextafter(0, 1)
    if center is not None and width is not None and width >= least:
        return window_levels(values, center, width, function)
    bits = int(header.get("BitsStored") or header.BitsAllocated)
    rescaled = "ModalityLUTSequence" in header or "RescaleSlope" in header
    if bits <= 8 and not rescaled and not _signed(header):
        return full_levels(values, bits)
    return percentile_levels(values, counts)


def _first(value: Any) -> float | None:
    """Returns an element's first value as a float, or None if there is no number."""
    if isinstance(value, MultiValue | list | tuple):
        value = value[0] if value else None
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
