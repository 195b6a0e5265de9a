"""Tests of DICOM: every encoding gives the same image, and no patient data are kept."""

from __future__ import annotations

import io
import json
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from cxrcompare.images.decoding.decode import decode
from cxrcompare.images.decoding.dicom import decode_dicom
from cxrcompare.images.decoding.image_error import ImageError
from cxrcompare.images.decoding.resize import fit
from cxrcompare.images.prepare import prepare

from ..conftest import draw_image, table_of
from .dicom_files import dataset, decoded, radiograph, twelve_bits, written

# --- transfer syntaxes ---------------------------------------------------------------------------

LOSSLESS = [
    ImplicitVRLittleEndian,
    ExplicitVRBigEndian,
    RLELossless,
    JPEGLSLossless,
    JPEG2000Lossless,
    JPEGLosslessSV1,
]


def compressed(file: Dataset, syntax: str) -> bytes:
    if syntax == JPEGLosslessSV1:
        return jpeg_lossless(written(file))
    file.compress(syntax, generate_instance_uid=False)
    return written(file)


def jpeg_lossless(data: bytes) -> bytes:
    """GDCM is the only library here that writes it."""
    gdcm = pytest.importorskip("gdcm")
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        source, target = f"{folder}/a.dcm", f"{folder}/b.dcm"
        Path(source).write_bytes(data)
        reader = gdcm.ImageReader()
        reader.SetFileName(source)
        assert reader.Read()
        change = gdcm.ImageChangeTransferSyntax()
        change.SetTransferSyntax(gdcm.TransferSyntax(gdcm.TransferSyntax.JPEGLosslessProcess14_1))
        change.SetInput(reader.GetImage())
        assert change.Change()
        writer = gdcm.ImageWriter()
        writer.SetFile(reader.GetFile())
        writer.SetImage(change.GetOutput())
        writer.SetFileName(target)
        assert writer.Write()
        return Path(target).read_bytes()


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda uid: uid.name)
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.int16])
def test_every_lossless_form_gives_the_same_image(syntax, kind):
    pixels = (
        draw_image(0)
        if kind == np.uint8
        else (twelve_bits().astype(np.int32) - 1000 * (kind == np.int16)).astype(kind)
    )
    elements = {"BitsStored": 8 if kind == np.uint8 else 13}
    plain = decoded(pixels, **elements)
    if syntax in (ImplicitVRLittleEndian, ExplicitVRBigEndian):
        assert (decoded(pixels, syntax, **elements) == plain).all()
        return
    if syntax == JPEGLSLossless and kind == np.int16:
        pytest.skip("JPEG-LS has no signed samples: pydicom writes none")
    data = compressed(dataset(pixels, **elements), syntax)
    assert pydicom.dcmread(io.BytesIO(data)).file_meta.TransferSyntaxUID == syntax
    assert (decode_dicom(data) == plain).all()


@pytest.mark.slow
def test_a_real_chest_radiograph_in_all_its_forms():
    found = {k: decode(radiograph(f"RG1_{k}.dcm")) for k in ("UNCI", "UNCR", "J2KI", "J2KR")}
    assert found["UNCI"].shape == (1955, 1841)
    assert (found["J2KI"] == found["UNCI"]).all()  # uncompressed from the lossy form
    assert (found["J2KR"] == found["UNCR"]).all()
    distance = np.abs(found["UNCI"].astype(int) - found["UNCR"])
    assert distance.max() <= 3  # what the lossy compression lost
    assert distance.mean() < 1
    small = np.abs(fit(found["UNCI"], 320).astype(int) - fit(found["UNCR"], 320))
    assert small.max() <= 1
    assert found["UNCR"].mean() > 128  # MONOCHROME1: without inversion the mean were 63


# --- refusals, privacy ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"NumberOfFrames": 3}, "3 frames; must have one"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "Received: PALETTE COLOR"),
        ({"PhotometricInterpretation": None}, "Received: nothing"),
        ({"PhotometricInterpretation": "DOE JANE"}, "Received: an unknown value"),
        ({"Rows": 0}, "no pixels: 0x"),
        ({"Rows": 60000, "Columns": 60000}, "60000x60000 pixels are more"),
        ({"BitsAllocated": 32, "BitsStored": 32}, "32 bits stored"),
    ],
)
def test_other_dicom_files_are_refused_with_the_reason(elements, reason):
    with pytest.raises(ImageError, match=reason):
        decoded(twelve_bits(), **elements)


def test_missing_pixels_are_refused():
    file = dataset(twelve_bits())
    del file.PixelData
    with pytest.raises(ImageError, match="without integer pixel data"):
        decode_dicom(written(file))


def test_too_few_pixels_are_refused(tmp_path):
    file = dataset(twelve_bits())
    file.PixelData = file.PixelData[:1000]
    (tmp_path / "a").write_bytes(written(file))
    with pytest.raises(ImageError, match="less than expected"):
        decode(tmp_path / "a")


@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 3)], ids=["grey", "colour"])
@pytest.mark.parametrize("share", [0.5, 2])
def test_pixels_of_no_frame_or_of_two_are_refused(shape, share):
    file = dataset(np.zeros(shape, np.uint8))
    count = len(file.PixelData)
    file.PixelData = (2 * file.PixelData)[: int(share * count)]
    which = "less" if share < 1 else "more"
    with pytest.raises(ImageError, match=f"{which} than expected: {count}"):
        decode_dicom(written(file))


def test_bytes_beyond_the_frame_that_are_no_frame_are_ignored():
    pixels = draw_image(0)
    file = dataset(pixels)
    file.PixelData += bytes(100)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom's, of the padding
        assert (decode_dicom(written(file)) == pixels).all()


def test_one_sample_of_a_colour_image_is_refused():
    with pytest.raises(ImageError, match=r"pixels of 4x4x3\. Received: 4x4$"):
        decoded(np.zeros((4, 4), np.uint8), PhotometricInterpretation="RGB")


def test_a_deflated_file_is_refused_before_it_is_unpacked():
    with pytest.raises(ImageError, match="deflated"):
        decoded(twelve_bits(), DeflatedExplicitVRLittleEndian)


def test_a_frame_that_states_another_size_is_refused_before_it_is_unpacked():
    data = bytearray(compressed(dataset(twelve_bits()), JPEG2000Lossless))
    place = data.index(b"\xff\x4f\xff\x51") + 8
    data[place : place + 4] = (60000).to_bytes(4, "big")
    with pytest.raises(ImageError, match=r"60x80 pixels with a frame of 60x60000"):
        decode_dicom(bytes(data))


def test_no_patient_data_reach_the_store(tmp_path):
    root = tmp_path / "data"
    root.mkdir()
    good = written(dataset(twelve_bits()))
    assert b"SECRET-4711" in good
    (root / "a.dcm").write_bytes(good)
    (root / "b.dcm").write_bytes(good[: len(good) // 3])
    bad = dataset(twelve_bits())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bad.PatientBirthDate = "SECRET-4711-no-date-at-all"
        (root / "c.dcm").write_bytes(written(bad)[:-700])
    table = table_of(root, ["a.dcm", "b.dcm", "c.dcm"])
    store = prepare(table, tmp_path / "store", 32, max_rejected=0.9)
    assert len(store) == 1
    for path in store.folder.iterdir():
        assert b"SECRET" not in path.read_bytes()
        assert b"Roentgen" not in path.read_bytes()
    assert (
        "MONOCHROME1 inverted"
        in json.loads((store.folder / "store.json").read_text())["decoding"]["dicom"]
    )


@pytest.mark.parametrize(
    ("element", "representation"),
    [
        ("PhotometricInterpretation", "CS"),
        ("NumberOfFrames", "LO"),
        ("Rows", "LO"),
        ("BitsStored", "LO"),
        ("HighBit", "LO"),
        ("PixelRepresentation", "LO"),
        ("VOILUTFunction", "LO"),
        ("RescaleSlope", "LO"),
        ("SamplesPerPixel", "LO"),
        ("PlanarConfiguration", "LO"),
        ("BitsAllocated", "LO"),
    ],
)
def test_no_error_quotes_the_header(element, representation):
    file = dataset(twelve_bits())
    file[element] = pydicom.DataElement(element, representation, "DOE JANE")
    try:
        decode_dicom(written(file))
    except ImageError as error:
        assert "DOE" not in str(error)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.9999", "1.2.3.20010203"])
def test_an_unknown_transfer_syntax_is_not_quoted(syntax):
    content = written(dataset(twelve_bits())).replace(
        b"1.2.840.10008.1.2.1\0", syntax.encode().ljust(20, b"\0")
    )
    with pytest.raises(ImageError) as caught:
        decode_dicom(content)
    assert syntax not in str(caught.value)
