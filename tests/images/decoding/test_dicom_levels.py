"""Tests of DICOM grey levels: windows, lookup tables, percentiles, and the values they act on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import apply_modality_lut, apply_voi, apply_windowing
from pydicom.sequence import Sequence

from cxrcompare.images.decoding.decode import decode
from cxrcompare.images.decoding.levels import window_levels

from ..conftest import draw_image
from .dicom_files import decoded, radiograph, twelve_bits

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


def test_the_real_window_agrees_with_an_independent_computation():
    # MONOCHROME1, window center 15000, width 30000, 15 bits: pydicom gives 0..32767
    path = radiograph("RG1_UNCR.dcm")
    header = pydicom.dcmread(path)
    shown = apply_windowing(header.pixel_array, header) / 32767 * 255
    assert np.abs(decode(path) - (255 - shown)).max() <= 0.51


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
