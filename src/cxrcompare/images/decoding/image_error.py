"""ImageError: the reason why an image file cannot be read; and limits of the image size."""

from cxrcompare.errors import InputError

MAX_PIXELS = 2**26
"""Largest number of pixels of an image."""

MAX_SIDE = 65_535
"""Largest number of pixels of an image's longer side."""


class ImageError(InputError):
    """The file is not a readable image; the message is the reason, without the path."""


def check_shape(height: int, width: int) -> None:
    """Raises ImageError if an image of this shape is empty or too large."""
    if height < 1 or width < 1:
        raise ImageError(f"has no pixels: {height}x{width}")
    if height * width > MAX_PIXELS or max(height, width) > MAX_SIDE:
        raise ImageError(
            f"{height}x{width} pixels are more than the {MAX_PIXELS:,} (side {MAX_SIDE:,}) allowed"
        )
