"""One DICOM radiograph -> (H, W) uint8; nothing of its header but the pixels goes further."""

from __future__ import annotations

import io

import numpy as np
import pydicom
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from cxrcompare.images.decode import ImageError, check_shape, to_eight_bits


def decode_dicom(data: bytes) -> np.ndarray:
    """Returns the picture of a single-frame grey DICOM file, air black, (H, W) uint8.

    Modality LUT or rescale, then the first VOI LUT or window, else the percentile rule of
    `to_eight_bits`; MONOCHROME1 is inverted.

    Args:
        data: The file's bytes.

    Raises:
        ImageError: It has no pixels, several frames, or colours.
    """
    header = pydicom.dcmread(io.BytesIO(data))
    if "PixelData" not in header:
        raise ImageError("DICOM without pixel data")
    frames = int(header.get("NumberOfFrames") or 1)
    if frames != 1:
        raise ImageError(f"DICOM with {frames} frames; must have one")
    photometric = str(header.get("PhotometricInterpretation", ""))
    if photometric not in ("MONOCHROME1", "MONOCHROME2"):
        raise ImageError(
            f"DICOM must be MONOCHROME1 or MONOCHROME2. Received: {photometric or 'nothing'}"
        )
    check_shape(int(header.Rows), int(header.Columns))
    stored = header.pixel_array
    values = apply_modality_lut(stored, header)
    if "VOILUTSequence" in header or "WindowCenter" in header:
        shown = np.asarray(apply_voi_lut(values, header), np.float64)
        low, high = float(shown.min()), float(shown.max())
        scale = 255.0 / (high - low) if high > low else 0.0
        grey = np.rint((shown - low) * scale).astype(np.uint8)
    else:
        grey = to_eight_bits(values)
    return 255 - grey if photometric == "MONOCHROME1" else grey
