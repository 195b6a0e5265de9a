"""Tests of COCO's compressed run lengths."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrcompare.errors import InputError
from cxrcompare.localisation.regions.run_lengths import decode, encode


def test_an_empty_mask_as_published():
    # 2320 x 2828 = 6,560,960 = 0 + 6 x 32 + 7 x 32^2 + 8 x 32^3 + 6 x 32^4, lowest digit first,
    # each digit but the last plus 32 for "another digit follows" and all plus 48.
    digits = [6_560_960 >> shift & 31 for shift in (0, 5, 10, 15, 20)]
    assert "".join(chr(48 + d + 32 * (i < 4)) for i, d in enumerate(digits)) == "PVWX6"
    assert not decode("PVWX6", 2320, 2828).any()


def test_runs_go_down_the_columns_and_later_ones_are_differences():
    # Runs 1, 2, 3, 2, 1, 0 of a 3 x 3 mask: the 4th is 2 - 2 = 0, the 5th 1 - 3 = -2.
    # 0 is chr(48), 1 chr(49), ...; -2 has the digit 30 with the sign bit 16: chr(78).
    mask = np.array([[0, 0, 1], [1, 0, 1], [1, 0, 0]], dtype=bool)
    assert encode(mask) == "1230" + chr(78)
    np.testing.assert_array_equal(decode("1230N", 3, 3), mask)


@settings(deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_any_mask_comes_back(height, width, seed):
    rng = np.random.default_rng(seed)
    mask = np.repeat(rng.random((height, width)) < 0.5, rng.integers(1, 60), axis=1)
    np.testing.assert_array_equal(decode(encode(mask), *mask.shape), mask)


@pytest.mark.parametrize("text", ["", "1", "PVWX", "~~", "\x00", "é", "p" * 50, "2N"])
def test_damaged_text_is_refused(text):
    with pytest.raises(InputError, match="run lengths must"):
        decode(text, 3, 3)


def test_an_impossible_size_is_refused():
    with pytest.raises(InputError, match="pixels"):
        decode("1", 10**6, 10**6)
