"""The images of which parts are occluded, by hand."""

import numpy as np
import pytest

from cxrcompare.explaining.run_maps import occluded_sample

ABOVE = np.array(
    [
        [-1, -1],  # 0: negative of both
        [1, -1],  # 1: the first positive of the first finding
        [1, -1],  # 2: its second
        [1, -1],  # 3: one too many
        [0, 2],  # 4: positive of both; the second finding still needs it
        [-1, 3],  # 5: the second positive of the second finding
        [-1, 3],  # 6: one too many
    ]
)


@pytest.mark.parametrize(
    ("each", "most", "expected"),
    [
        # Two positives of each: 1, 2; 4, 5. Negatives among them: 5 of the first, 1 and 2 of the
        # second; the first needs another one: 0.
        (2, 10, [0, 1, 2, 4, 5]),
        (1, 10, [0, 1, 4]),
        (2, 3, [1, 2, 4]),
        (9, 10, [0, 1, 2, 3, 4, 5, 6]),
        (2, 0, []),
    ],
)
def test_the_first_images_that_give_enough_of_each_class(each, most, expected):
    assert occluded_sample(ABOVE.astype(float), each, most) == expected
