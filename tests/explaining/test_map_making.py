"""Refined maps by hand, the number of shifts; contrasts give the maps of their functions."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.explaining import map_making as package

from .cells import Cells


@pytest.mark.parametrize(
    ("cells", "shifts"), [(1, 8), (2, 4), (3, 4), (4, 2), (7, 2), (8, 1), (10, 1), (20, 1)]
)
def test_number_of_shifts(cells, shifts):
    assert package.fineness(cells) == shifts
    assert cells * shifts >= package.CELLS or shifts == 8


def test_a_refined_map_has_each_part_in_its_place():
    """A bright square of 4 pixels, the size of a part: the brightest part is where it is."""
    for top, left in [(0, 0), (8, 4), (20, 28), (28, 28)]:
        image = np.zeros((1, 32, 32, 1), np.uint8)
        image[0, top : top + 4, left : left + 4] = 255
        logits, values = package.class_maps(Cells(), image, [0])
        assert values.shape == (1, 1, 8, 8)
        bright = values[0, 0] == values[0, 0].max()
        assert bright[top // 4, left // 4]
        assert logits[0, 0] == pytest.approx(3 + 255 * 16 / 1024)


def test_a_map_with_enough_cells_is_the_networks_own():
    image = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 1), dtype=np.uint8)
    logits, values = package.class_maps(Cells(128), image, [0])
    np.testing.assert_array_equal(values[:, 0], Cells(128).predict_on_batch(image)[1][..., 0])
    np.testing.assert_allclose(values.mean((2, 3)) + 3, logits, rtol=1e-6)


def test_a_constant_image_has_a_constant_refined_map():
    image = np.full((1, 48, 48, 1), 90, np.uint8)
    _, values = package.class_maps(Cells(48), image, [0])
    np.testing.assert_array_equal(values, np.full((1, 1, 12, 12), 90))


@pytest.mark.keras
def test_every_method_has_logits_and_maps_of_the_chosen_findings():
    pytest.importorskip("keras")
    from cxrcompare.explaining.methods import contrasts

    from .methods.test_contrasts import images, network

    model = network()
    expected = np.asarray(model.predict_on_batch(images()))
    by_hand = {
        "class-map": contrasts.hirescam,  # the same map
        "grad-cam++": contrasts.grad_cam_plus_plus,
        "integrated-gradients": contrasts.integrated_gradients,
        "occlusion": contrasts.occlusion,
    }
    assert by_hand.keys() == package.WORDS.keys()
    for method, function in by_hand.items():
        maker = package.map_maker(model, [2, 0], method)
        logits, maps = maker.make(images())
        np.testing.assert_allclose(logits, expected[:, [2, 0]], rtol=1e-4)
        if method != "class-map":
            np.testing.assert_allclose(maps, function(model, [2, 0])(images()), rtol=1e-4)
        assert maps.dtype == np.float32
        assert package.WORDS[method].startswith("contrast") == (method != "class-map")
    refined = package.map_maker(model)
    assert refined.fineness == 2
    assert refined.make(images())[1].shape == (3, 3, 12, 12)


@pytest.mark.keras
def test_a_renewed_maker_follows_changed_weights():
    pytest.importorskip("keras")
    from cxrcompare.models.class_maps import update_maps

    from .methods.test_contrasts import images, network

    for method in ("class-map", "grad-cam++"):
        maker = package.map_maker(network(), None, method)
        before = maker.make(images())[1]
        for variable in maker.model.get_layer("logits").weights:
            variable.assign(2 * np.asarray(variable))
        update_maps(maker.model)
        after = maker.renewed().make(images())[1]
        assert not np.allclose(before, after, rtol=0.1)
        if method == "class-map":
            np.testing.assert_allclose(after, 2 * before, rtol=1e-4, atol=1e-4)


@pytest.mark.keras
def test_a_network_without_a_known_head_has_no_maps():
    keras = pytest.importorskip("keras")
    pixels = keras.Input((24, 24, 1))
    other = keras.Model(pixels, keras.layers.Dense(2)(keras.layers.GlobalMaxPooling2D()(pixels)))
    for method in ("class-map", "grad-cam++"):
        with pytest.raises(InputError, match="must have"):
            package.map_maker(other, None, method)
