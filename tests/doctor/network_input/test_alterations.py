"""The list of alterations: what each does to pixels, and which ones a network has."""

import numpy as np
import pytest

from cxrcompare.doctor.network_input.alterations import alterations, own_normalisation
from cxrcompare.models.backbones import scales_and_offsets

IMAGES = np.arange(2 * 16 * 16, dtype=np.uint16).reshape(2, 16, 16).astype(np.uint8)


def own(family):
    return tuple(float(np.mean(values)) for values in scales_and_offsets(family))


def applied(listed, name):
    (one,) = [one for one in listed if one.name.startswith(name)]
    return one.apply(IMAGES)


def test_directions_and_grey_levels():
    listed = alterations(1 / 255, 0.0)
    assert (applied(listed, "grey levels inverted") == 255 - IMAGES).all()
    assert applied(listed, "mirrored")[1, 3, 0] == IMAGES[1, 3, 15]
    assert applied(listed, "rotated")[1, 3, 0] == IMAGES[1, 12, 15]


@pytest.mark.parametrize("family", ["unit", "tf", "torch", "caffe", "128"])
def test_the_network_sees_the_values_of_the_other_normalisation(family):
    """Its own normalisation, applied to the altered pixels, gives the other family's values."""
    scale, offset = own(family)
    listed = alterations(scale, offset)
    others = {
        "normalised to 0 to 1 instead": IMAGES / 255,
        "normalised to -1 to 1 instead": IMAGES / 127.5 - 1,
        "normalised by ImageNet mean and deviation instead": IMAGES * own("torch")[0]
        + own("torch")[1],
        "normalised by ImageNet mean subtracted instead": IMAGES - 343.7190 / 3 - 0.226333,
        "not normalised": IMAGES,
    }
    names = [one.name for one in listed]
    present = [name for name in others if any(one.startswith(name) for one in names)]
    assert len(present) == (5 - 1 if family != "128" else 4)
    for name in present:
        seen = applied(listed, name) * scale + offset
        np.testing.assert_allclose(seen, others[name], rtol=1e-4, atol=2e-1 * scale + 1e-3)


def test_normalised_twice():
    listed = alterations(*own("tf"))
    found = applied(listed, "normalised to 0 to 1 before")
    np.testing.assert_allclose(found, IMAGES / 255, rtol=1e-6)


def test_names_are_distinct_and_shapes_stay():
    listed = alterations(*own("torch"))
    assert len({one.name for one in listed}) == len(listed)
    assert all(one.apply(IMAGES).shape == IMAGES.shape for one in listed)


@pytest.mark.keras
def test_the_normalisation_of_a_network_is_found():
    import keras

    from cxrcompare import models

    for name, family in (("mobilenet", "tf"), ("resnet50", "caffe"), ("densenet121", "torch")):
        model = models.build(name, 2, 32)
        np.testing.assert_allclose(own_normalisation(model), own(family), rtol=1e-5)
        keras.backend.clear_session()
