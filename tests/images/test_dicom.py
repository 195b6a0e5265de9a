"""Tests of DICOM: every encoding gives the same image, and no patient data are kept."""

from __future__ import annotations

import io
import json
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.pixels import apply_modality_lut, apply_voi, apply_windowing
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from cxrcompare.images.decoding.decode import decode
from cxrcompare.images.decoding.dicom import decode_dicom
from cxrcompare.images.decoding.image_error import ImageError
from cxrcompare.images.decoding.levels import percentile_levels, window_levels
from cxrcompare.images.decoding.resize import fit
from cxrcompare.images.prepare import prepare

from .conftest import draw_image, table_of


def dataset(pixels: np.ndarray, syntax: str = ExplicitVRLittleEndian, **elements) -> Dataset:
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


def decoded(pixels: np.ndarray, syntax: str = ExplicitVRLittleEndian, **elements) -> np.ndarray:
    return decode_dicom(written(dataset(pixels, syntax, **elements)))


def twelve_bits(seed: int = 0) -> np.ndarray:
    return draw_image(seed).astype(np.uint16) * 16


# --- windows -------------------------------------------------------------------------------------


def test_linear_window_by_hand():
    # center 100, width 51: black up to 99.5 - 25 = 74.5, white above 99.5 + 25 = 124.5,
    # between them ((v - 99.5) / 50 + 0.5) * 255: 75 -> 2.55, 100 -> 130.05, 110 -> 181.05
    found = decoded(
        np.array([[0, 74, 75], [100, 110, 125]], np.uint16), WindowCenter=100, WindowWidth=51
    )
    assert found.tolist() == [[0, 0, 3], [130, 181, 255]]


def test_exact_linear_window_by_hand():
    # ((v - 100) / 50 + 0.5) * 255: 75 -> 0, 85 -> 51, 100 -> 127.5 (128), 125 -> 255
    found = decoded(
        np.array([[75, 85, 100, 125]], np.uint16),
        WindowCenter=100,
        WindowWidth=50,
        VOILUTFunction="LINEAR_EXACT",
    )
    assert found.tolist() == [[0, 51, 128, 255]]


def test_sigmoid_window_by_hand():
    # 255 / (1 + exp(-4 (v - 100) / 50)): 100 -> 127.5 (128), 125 -> 255 / (1 + e^-2) = 224.6
    found = decoded(
        np.array([[100, 125, 75]], np.uint16),
        WindowCenter=100,
        WindowWidth=50,
        VOILUTFunction="SIGMOID",
    )
    assert found.tolist() == [[128, 225, 30]]


def test_a_window_of_width_one_is_a_step():
    found = decoded(np.array([[9, 10, 11]], np.uint16), WindowCenter=10, WindowWidth=1)
    assert found.tolist() == [[0, 255, 255]]


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("center", "width"), [(2048, 4096), (700.5, 333.25), (-50, 900), (1, 2)])
def test_windows_agree_with_pydicoms_own(function, center, width):
    values = np.arange(4096)
    header = pydicom.Dataset()
    header.BitsStored, header.PixelRepresentation = 12, 0
    header.PhotometricInterpretation = "MONOCHROME2"
    header.WindowCenter, header.WindowWidth, header.VOILUTFunction = center, width, function
    theirs = apply_windowing(values, header) / 4095 * 255
    ours = window_levels(values.astype(float), center, width, function)
    assert np.abs(ours - theirs).max() <= 0.51


def test_the_first_of_several_windows_is_used():
    two = decoded(twelve_bits(), WindowCenter=[900, 5], WindowWidth=[700, 6])
    assert (two == decoded(twelve_bits(), WindowCenter=900, WindowWidth=700)).all()


@pytest.mark.parametrize("window", [{"WindowCenter": 9}, {"WindowCenter": 9, "WindowWidth": 0}])
def test_an_invalid_window_falls_back_to_percentiles(window):
    assert (decoded(twelve_bits(), **window) == decoded(twelve_bits())).all()


def test_rescale_comes_before_the_window():
    # stored 0, 50, 100 -> 2 v - 100 = -100, 0, 100; window center 0.5 width 201: v from -100 to 100
    # (v / 200 + 0.5) * 255 = 0, 127.5 (128), 255
    found = decoded(
        np.array([[0, 50, 100]], np.uint16),
        RescaleSlope=2,
        RescaleIntercept=-100,
        WindowCenter=0.5,
        WindowWidth=201,
    )
    assert found.tolist() == [[0, 128, 255]]


def test_negative_slope_turns_light_and_dark():
    found = decoded(
        np.array([[0, 50, 100]], np.uint16),
        RescaleSlope=-1,
        RescaleIntercept=0,
        WindowCenter=-49.5,
        WindowWidth=101,
    )
    assert found.tolist() == [[255, 128, 0]]


def test_signed_values():
    # window center 0.5, width 201: -100 -> 0, 0 -> 127.5 (128), 100 -> 255
    found = decoded(np.array([[-100, 0, 100]], np.int16), WindowCenter=0.5, WindowWidth=201)
    assert found.tolist() == [[0, 128, 255]]


# --- lookup tables -------------------------------------------------------------------------------


def lookup(first: int, data: list[int], bits: int) -> pydicom.Dataset:
    item = pydicom.Dataset()
    item.LUTDescriptor = [len(data), first, bits]
    item.LUTData = data
    item["LUTDescriptor"].VR = item["LUTData"].VR = "US"
    return item


def test_voi_lut_by_hand():
    # values 10, 11, 12 -> 0, 4095, 1000 of 12 bits: 0, 255, 1000 / 4095 * 255 = 62.3;
    # below the first -> the first entry, above the last -> the last
    found = decoded(
        np.array([[10, 11, 12], [3, 13, 60000]], np.uint16),
        VOILUTSequence=Sequence([lookup(10, [0, 4095, 1000], 12)]),
    )
    assert found.tolist() == [[0, 255, 62], [0, 62, 62]]


def test_voi_lut_has_precedence_over_a_window():
    table = Sequence([lookup(0, [255, 0], 8)])
    found = decoded(
        np.array([[0, 1]], np.uint16), VOILUTSequence=table, WindowCenter=5, WindowWidth=9
    )
    assert found.tolist() == [[255, 0]]


def test_modality_lut_comes_before_the_window():
    # 0, 1, 2 -> 300, 100, 200; window center 200.5, width 201: (v - 200) / 200 + 0.5 = 1, 0, 0.5
    found = decoded(
        np.array([[0, 1, 2]], np.uint16),
        ModalityLUTSequence=Sequence([lookup(0, [300, 100, 200], 16)]),
        WindowCenter=200.5,
        WindowWidth=201,
    )
    assert found.tolist() == [[255, 0, 128]]


def test_real_voi_lut_agrees_with_an_independent_computation():
    path = get_testdata_file("vlut_04.dcm", download=False)
    if path is None:
        pytest.skip("pydicom-data is not installed")
    header = pydicom.dcmread(path)
    values = apply_modality_lut(header.pixel_array, header)
    bits = header.VOILUTSequence[0].LUTDescriptor[2]
    expected = apply_voi(values, header) / (2**bits - 1) * 255
    assert np.abs(decode(Path(path)) - expected).max() <= 0.51


# --- without a window ----------------------------------------------------------------------------


def test_percentiles_by_hand():
    # 1000 pixels: one 0, 998 spread over 100..1097, one 60000. The least value that 1 of 1000 does
    # not exceed is 0, that 999 do not exceed 1097: (v - 0) / 1097.
    values = np.concatenate([[0], np.arange(100, 1098), [60000]]).astype(np.uint16).reshape(20, 50)
    expected = np.rint(np.clip(values / 1097, 0, 1) * 255)
    assert (decoded(values) == expected).all()


def test_percentiles_agree_with_numpys():
    values = np.random.default_rng(3).gamma(3, 400, (70, 90)).astype(np.uint16)
    low, high = np.percentile(values, (0.1, 99.9), method="inverted_cdf").astype(float)
    counts = np.bincount(values.ravel(), minlength=2**16)
    levels = percentile_levels(np.arange(2.0**16), counts)
    assert (levels[values] == np.rint(np.clip((values - low) / (high - low), 0, 1) * 255)).all()


def test_eight_bits_without_a_window_stay_as_they_are():
    assert (decoded(draw_image(0)) == draw_image(0)).all()


def test_a_flat_image_is_black():
    assert not decoded(np.full((5, 5), 700, np.uint16)).any()


# --- photometric interpretation, padding, bits ---------------------------------------------------


def test_monochrome1_is_inverted():
    window = {"WindowCenter": 2000, "WindowWidth": 3000}
    plain = decoded(twelve_bits(), **window)
    inverted = decoded(twelve_bits(), PhotometricInterpretation="MONOCHROME1", **window)
    assert (inverted == 255 - plain).all()


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_padding_is_black_and_leaves_the_rest_as_it_was(photometric):
    values = twelve_bits() + 100
    padded = values.copy()
    padded[:20] = 65535
    alone = decoded(values[20:], PhotometricInterpretation=photometric)
    found = decoded(padded, PhotometricInterpretation=photometric, PixelPaddingValue=65535)
    assert not found[:20].any()
    assert (found[20:] == alone).all()


def test_signed_padding_and_its_range():
    values = np.array([[-2000, -1999, -1990, -1000, 0, 1000]], np.int16)
    found = decoded(values, PixelPaddingValue=-2000, PixelPaddingRangeLimit=-1990)
    assert found.tolist() == [[0, 0, 0, 0, 128, 255]]


def test_bits_above_those_stored_are_ignored():
    values = twelve_bits()
    dirty = values | np.uint16(0xA000)
    window = {"BitsStored": 12, "WindowCenter": 2000, "WindowWidth": 3000}
    assert (decoded(dirty, **window) == decoded(values, **window)).all()


def test_a_high_bit_further_up_shifts_the_values_down():
    values = twelve_bits()
    window = {"BitsStored": 12, "WindowCenter": 2000, "WindowWidth": 3000}
    assert (decoded(values << 4, HighBit=15, **window) == decoded(values, **window)).all()


def test_signed_bits_stored_are_extended():
    # 12 bits: 0xFFF is -1, 0x800 is -2048
    values = np.array([[0xFFF, 0x800, 0x7FF, 0]], np.uint16).view(np.int16)
    found = decoded(values, BitsStored=12, WindowCenter=0, WindowWidth=4096)
    expected = window_levels(np.array([-1.0, -2048.0, 2047.0, 0.0]), 0, 4096)
    assert found.tolist() == [expected.tolist()]


def test_colours_become_their_luma():
    # 0.299 * 255 = 76.2, 0.587 * 255 = 149.7, 0.114 * 255 = 29.1
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert decoded(pixels).tolist() == [[76, 150, 29]]


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


def radiograph(name: str) -> Path:
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip("pydicom-data is not installed")
    return Path(path)


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


def test_the_real_window_agrees_with_an_independent_computation():
    # MONOCHROME1, window center 15000, width 30000, 15 bits: pydicom gives 0..32767
    path = radiograph("RG1_UNCR.dcm")
    header = pydicom.dcmread(path)
    shown = apply_windowing(header.pixel_array, header) / 32767 * 255
    assert np.abs(decode(path) - (255 - shown)).max() <= 0.51


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
