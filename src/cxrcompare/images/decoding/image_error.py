"""ImageError: the reason why a file is no readable radiograph, and the limits of its size."""

from cxrcompare.errors import InputError

MAX_PIXELS = 2**26
"""Pixels of one image, at most."""

MAX_SIDE = 65_535
"""Pixels of the longer side, at most."""


class ImageError(InputError):
    """The file is no image that can be read; the message is the reason, without the path."""


def check_shape(height: int, width: int) -> None:
    """Raises ImageError where an image of this shape is empty or too large to be a radiograph."""
    if height < 1 or width < 1:
        raise ImageError(f"has no pixels: {height}x{width}")
    if height * width > MAX_PIXELS or max(height, width) > MAX_SIDE:
        raise ImageError(
            f"{height}x{width} pixels are more than the {MAX_PIXELS:,} (side {MAX_SIDE:,}) allowed"
        )
