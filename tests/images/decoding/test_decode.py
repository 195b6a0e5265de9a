"""Tests of decoding: all variants of JPEG and PNG give the original grey image."""

from __future__ import annotations

import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from cxrcompare.images.decoding import image_error
from cxrcompare.images.decoding.decode import decode, load
from cxrcompare.images.decoding.image_error import ImageError
from cxrcompare.images.decoding.resize import fit

from ..conftest import draw_image, jpeg


def saved(tmp_path: Path, image: Image.Image, name: str = "x.bin", **options: object) -> Path:
    path = tmp_path / name
    image.save(path, **options)
    return path


def difference(path: Path, expected: np.ndarray) -> float:
    found = decode(path)
    assert found.shape == expected.shape
    assert found.dtype == np.uint8
    return float(np.abs(found.astype(int) - expected).max())


def test_grey_jpeg(tmp_path):
    (tmp_path / "a.jpg").write_bytes(jpeg(draw_image(0), quality=98))
    assert difference(tmp_path / "a.jpg", draw_image(0)) <= 4


def test_progressive_jpeg(tmp_path):
    path = saved(
        tmp_path, Image.fromarray(draw_image(0)), format="JPEG", quality=98, progressive=True
    )
    assert difference(path, draw_image(0)) <= 4


def test_colour_jpeg_of_a_grey_image(tmp_path):
    path = saved(tmp_path, Image.fromarray(draw_image(0)).convert("RGB"), format="JPEG", quality=98)
    assert difference(path, draw_image(0)) <= 4


def test_colour_jpeg_gives_luma(tmp_path):
    # luma of pure red: 0.299 * 255 = 76
    path = saved(tmp_path, Image.new("RGB", (16, 16), (255, 0, 0)), format="JPEG", quality=98)
    assert difference(path, np.full((16, 16), 76)) <= 2


def test_jpeg_stored_as_rgb_without_conversion(tmp_path):
    image = np.dstack([draw_image(0), draw_image(1), draw_image(2)])
    path = saved(
        tmp_path, Image.fromarray(image), format="JPEG", quality=98, keep_rgb=True, subsampling=0
    )
    assert difference(path, np.asarray(Image.fromarray(image).convert("L"))) <= 6


def test_cmyk_jpeg(tmp_path):
    grey = Image.fromarray(draw_image(0))
    path = saved(tmp_path, grey.convert("RGB").convert("CMYK"), format="JPEG", quality=98)
    assert simplejpeg.decode_jpeg_header(path.read_bytes())[2] in ("CMYK", "YCCK")
    assert difference(path, draw_image(0)) <= 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(tmp_path, orientation):
    # Pillow's own inverse: the image is stored turned, and the tag says how to turn it back.
    upright = draw_image(0)
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.T,
        6: np.rot90(upright),
        7: upright[::-1, ::-1].T,
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[274] = orientation
    image = Image.fromarray(np.ascontiguousarray(stored))
    assert difference(saved(tmp_path, image, format="JPEG", quality=98, exif=exif), upright) <= 4


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_png_of_every_mode_is_exact(tmp_path, mode):
    image = Image.fromarray(draw_image(0))
    image = image.convert("P") if mode == "P" else image.convert("RGB").convert(mode)
    path = saved(tmp_path, image, format="PNG")
    assert difference(path, draw_image(0)) == 0


def test_one_bit_png(tmp_path):
    black_and_white = (draw_image(0) > 127).astype(np.uint8) * 255
    path = saved(tmp_path, Image.fromarray(black_and_white).convert("1"), format="PNG")
    assert difference(path, black_and_white) == 0


def test_transparent_pixels_keep_their_grey(tmp_path):
    image = Image.fromarray(draw_image(0)).convert("RGBA")
    image.putalpha(0)
    assert difference(saved(tmp_path, image, format="PNG"), draw_image(0)) == 0


def test_sixteen_bit_png_is_linear_between_percentiles(tmp_path):
    # A ramp 0..9999: 10 of 10,000 pixels are at most 9, 9,990 are at most 9989, so the value v
    # becomes (v - 9) * 255 / 9980, cut to 0..255.
    ramp = np.arange(10_000, dtype=np.uint16).reshape(100, 100)
    path = saved(tmp_path, Image.fromarray(ramp), format="PNG")
    expected = np.clip(np.rint((ramp - 9.0) * 255 / 9980), 0, 255)
    assert difference(path, expected) == 0


def test_flat_sixteen_bit_png_is_black(tmp_path):
    path = saved(tmp_path, Image.fromarray(np.full((4, 4), 900, np.uint16)), format="PNG")
    assert difference(path, np.zeros((4, 4))) == 0


def test_the_format_does_not_depend_on_the_file_name(tmp_path):
    path = saved(tmp_path, Image.fromarray(draw_image(0)), name="a.jpg", format="PNG")
    assert difference(path, draw_image(0)) == 0


@pytest.mark.parametrize("kind", ["BMP", "GIF", "TIFF", "WEBP"])
def test_other_formats_are_refused(tmp_path, kind):
    path = saved(tmp_path, Image.fromarray(draw_image(0)), format=kind)
    with pytest.raises(ImageError, match="must be a JPEG, PNG or DICOM"):
        decode(path)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.97])
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_truncated_files_are_refused(tmp_path, kind, share):
    whole = io.BytesIO()
    Image.fromarray(draw_image(0)).save(whole, kind)
    (tmp_path / "a").write_bytes(whole.getvalue()[: int(share * len(whole.getvalue()))])
    with pytest.raises(ImageError):
        decode(tmp_path / "a")


def test_folder_fifo_and_missing_file_are_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path, reason in (
        (tmp_path, "directory|regular"),
        (tmp_path / "fifo", "not a regular file"),
        (tmp_path / "none", "No such file"),
    ):
        with pytest.raises(ImageError, match=reason):
            decode(path)


def test_symlink_loop_is_refused(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(ImageError, match="symbolic links"):
        decode(tmp_path / "a")


def test_one_pixel(tmp_path):
    path = saved(tmp_path, Image.fromarray(np.full((1, 1), 7, np.uint8)), format="PNG")
    assert decode(path).tolist() == [[7]]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_more_pixels_than_allowed_are_refused_before_decoding(tmp_path, kind, monkeypatch):
    monkeypatch.setattr(image_error, "MAX_PIXELS", 80 * 60 - 1)
    path = saved(tmp_path, Image.fromarray(draw_image(0)), format=kind)
    with pytest.raises(ImageError, match="60x80 pixels are more than"):
        decode(path)
    monkeypatch.setattr(image_error, "MAX_PIXELS", 80 * 60)
    assert decode(path).shape == (60, 80)


def png_that_says(width: int, height: int) -> bytes:
    header = struct.pack(">2L5B", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(10**6))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))
        for name, data in chunks
    )


def test_decompression_bombs_are_refused_before_they_unpack(tmp_path):
    (tmp_path / "a.png").write_bytes(png_that_says(60_000, 60_000))
    with pytest.raises(ImageError, match="60000x60000 pixels are more"):
        decode(tmp_path / "a.png")
    data = bytearray(jpeg(draw_image(0)))
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">2H", 65_000, 65_000)
    (tmp_path / "a.jpg").write_bytes(data)
    with pytest.raises(ImageError, match="65000x65000 pixels are more"):
        decode(tmp_path / "a.jpg")


def test_a_side_of_twenty_thousand_pixels_is_read(tmp_path):
    path = saved(tmp_path, Image.fromarray(np.full((3, 20_000), 9, np.uint8)), format="PNG")
    square = load(path, 64)
    assert (square == 9).sum() == 64  # one row: 3 * 64 / 20000 is less than one pixel


@pytest.mark.parametrize(("long", "factor"), [(319, 1), (320, 2), (640, 4), (1279, 4), (1280, 8)])
def test_large_jpegs_are_decoded_at_a_fraction_but_never_below_twice_the_size(
    tmp_path, long, factor
):
    # size 80: 1/2 from 2 * 2 * 80 = 320, 1/4 from 640, 1/8 from 1280
    (tmp_path / "a.jpg").write_bytes(jpeg(draw_image(0, long // 2, long)))
    assert decode(tmp_path / "a.jpg", 80).shape == (-(-(long // 2) // factor), -(-long // factor))


@pytest.mark.parametrize("long", [700, 1500])
def test_decoding_at_a_fraction_gives_the_same_small_image(tmp_path, long):
    rng = np.random.default_rng(0)
    rough = draw_image(3, long * 4 // 5, long) + rng.normal(0, 6, (long * 4 // 5, long))
    (tmp_path / "a.jpg").write_bytes(jpeg(np.clip(rough, 0, 255).astype(np.uint8)))
    whole = fit(decode(tmp_path / "a.jpg"), 80).astype(int)
    distance = np.abs(load(tmp_path / "a.jpg", 80) - whole)[8:72]
    # 700 / 4 is whole. 1500 / 8 is 187.5, decoded as 188: the far edge lies half of 8 pixels of
    # 1500 off, 4 / 1500 * 80 = 0.21 of a new pixel, where this image is as steep as 25 a pixel.
    assert distance.mean() < (0.5 if long == 700 else 1.5)
    assert distance.max() <= (2 if long == 700 else 8)


def test_a_factor_that_would_move_the_far_edge_is_not_used(tmp_path):
    # 1297 wide at 80: 1/8 would add 7 pixels, 7 / 1297 * 80 = 0.43; 1/4 adds 3: 0.19
    (tmp_path / "a.jpg").write_bytes(jpeg(draw_image(0, 800, 1297)))
    assert decode(tmp_path / "a.jpg", 80).shape == (200, 325)


def test_a_jpeg_with_bytes_to_spare_is_read(tmp_path):
    # writers that pad the scan: a warning of the decoder, not a damage
    data = jpeg(draw_image(0))
    (tmp_path / "a.jpg").write_bytes(data[:-2] + b"\x00\x00\x00" + data[-2:])
    assert np.abs(decode(tmp_path / "a.jpg").astype(int) - draw_image(0)).max() <= 8


def test_text_named_jpg_is_refused(tmp_path):
    (tmp_path / "a.jpg").write_text("Path,Sex\n")
    with pytest.raises(ImageError, match="by its content"):
        decode(tmp_path / "a.jpg")
