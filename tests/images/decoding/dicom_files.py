"""DICOM files of given pixels and elements, written in memory."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian

from cxrcompare.images.decoding.dicom import decode_dicom

from ..conftest import draw_image


def dataset(
    pixels: np.ndarray, syntax: str = ExplicitVRLittleEndian, **elements: object
) -> Dataset:
    """A computed radiograph with these pixels, (H, W) or (H, W, 3), of 1 or 2 bytes."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    file = Dataset()
    file.file_meta = meta
    file.SOPClassUID, file.SOPInstanceUID = meta.MediaStorageSOPClassUID, "1.2.3"
    file.PatientName, file.PatientID = "Roentgen^Anna", "SECRET-4711"
    file.Rows, file.Columns = pixels.shape[:2]
    file.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    if pixels.ndim == 3:
        file.PlanarConfiguration = 0
    file.PhotometricInterpretation = "RGB" if pixels.ndim == 3 else "MONOCHROME2"
    file.BitsAllocated = file.BitsStored = 8 * pixels.itemsize
    file.PixelRepresentation = int(pixels.dtype.kind == "i")
    for name, value in elements.items():
        setattr(file, name, value)
    if "HighBit" not in elements:
        file.HighBit = file.BitsStored - 1
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    file.PixelData = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
    file["PixelData"].VR = "OW" if pixels.itemsize == 2 else "OB"
    return file


def written(file: Dataset) -> bytes:
    buffer = io.BytesIO()
    file.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def decoded(
    pixels: np.ndarray, syntax: str = ExplicitVRLittleEndian, **elements: object
) -> np.ndarray:
    return decode_dicom(written(dataset(pixels, syntax, **elements)))


def twelve_bits(seed: int = 0) -> np.ndarray:
    return draw_image(seed).astype(np.uint16) * 16


def radiograph(name: str) -> Path:
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip("pydicom-data is not installed")
    return Path(path)
