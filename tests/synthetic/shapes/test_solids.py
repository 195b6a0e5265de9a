import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrcompare.synthetic.shapes import drawing_kernels
from cxrcompare.synthetic.shapes.geometry import Exposure
from cxrcompare.synthetic.shapes.solids import chords, contained, ellipsoid, splat

FAR = Exposure("PA", 80, 80, 0.25, distance=1e5, gap=0.0, offset=(0.0, 0.0)).rays


def test_a_ball_has_the_chords_of_a_ball():
    # Radius 5, parallel rays: the chord at distance d from the middle is 2 sqrt(25 - d^2).
    found = chords([ellipsoid((0, 0, 0), (5, 5, 5))], [], FAR)[0]
    across = (np.arange(80) - 39.5) * 0.25
    distance = np.hypot(across[:, None], across[None, :])
    expected = 2 * np.sqrt(np.maximum(25 - distance**2, 0))
    np.testing.assert_allclose(found, expected, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-6, 6), min_size=3, max_size=3),
    st.lists(st.floats(0.5, 6), min_size=3, max_size=3),
    st.lists(st.floats(-1, 1), min_size=3, max_size=3).filter(lambda a: np.linalg.norm(a) > 0.1),
    st.sampled_from(["PA", "AP", "lateral"]),
)
def test_chords_agree_with_points_on_the_rays(centre, semiaxes, axis, view):
    solid = ellipsoid(centre, semiaxes, axis)
    rays = Exposure(view, 24, 20, 1.0, 150.0, 12.0, yaw=0.2, tilt=0.1).rays
    steps = np.linspace(0.7, 1.1, 2001)
    found = chords([solid], [], rays)[0]
    for row in range(0, 24, 5):
        for column in range(0, 20, 5):
            way = rays.corner + column * rays.column + row * rays.row
            points = rays.source + steps[:, None] * way
            slow = solid.contains(points).mean() * 0.4 * np.linalg.norm(way)
            assert found[row, column] == pytest.approx(slow, abs=0.1)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_nested_solids_minus_holes_agree_with_counting_points(seed):
    rng = np.random.default_rng(seed)
    nested = [ellipsoid((0, 0, 0), (7, 7, 7)), ellipsoid(rng.uniform(-4, 4, 3), (6, 5, 7))]
    holes = [ellipsoid(rng.uniform(-6, 6, 3), rng.uniform(2, 6, 3)) for _ in range(4)]
    rays = Exposure("PA", 12, 12, 1.5, 150.0, 12.0, offset=(0.0, 0.0)).rays
    found = chords(nested, holes, rays)
    steps = np.linspace(0.8, 1.05, 4001)
    for row, column in ((5, 5), (3, 7), (8, 4)):
        way = rays.corner + column * rays.column + row * rays.row
        points = rays.source + steps[:, None] * way
        free = ~np.any([hole.contains(points) for hole in holes], axis=0)
        for solid, length in zip(nested, found[:, row, column], strict=True):
            free &= solid.contains(points)
            slow = free.mean() * 0.25 * np.linalg.norm(way)
            assert length == pytest.approx(slow, abs=0.2)  # ten edges, each within a step of 0.01


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_contained_points_agree_with_each_solid(seed):
    rng = np.random.default_rng(seed)
    points = rng.uniform(-6, 6, (200, 3))
    solids = [ellipsoid(rng.uniform(-3, 3, 3), rng.uniform(2, 6, 3)) for _ in range(4)]
    inside = np.array([solid.contains(points) for solid in solids])
    expected = inside[0] & inside[1] & ~inside[2] & ~inside[3]
    np.testing.assert_array_equal(contained(points, solids[:2], solids[2:]), expected)


def along(points: np.ndarray) -> np.ndarray:
    return drawing_kernels.lengths(points, np.array([len(points)]))


def test_a_tube_has_the_mass_and_the_profile_of_a_cylinder():
    points = np.stack([np.zeros(400), np.zeros(400), np.linspace(-8, 8, 400)], axis=1)
    thickness = splat(points, np.full(400, 1.5), along(points), FAR)
    # Volume pi r^2 h = pi 2.25 16 = 113.1 cubic centimetres; a pixel is 0.0625 square ones.
    assert thickness.sum() * 0.0625 == pytest.approx(np.pi * 2.25 * 16, rel=0.02)
    # The chord through the axis is the diameter, 3; at 1 cm from it, 2 sqrt(2.25 - 1) = 2.236.
    middle = thickness[40]
    assert middle[39:41].mean() == pytest.approx(3.0, rel=0.03)
    at_one = np.interp(1.0, (np.arange(80) - 39.5) * 0.25, middle)
    assert at_one == pytest.approx(2.236, rel=0.03)


def test_a_thin_tube_keeps_its_mass():
    points = np.stack([np.zeros(400), np.zeros(400), np.linspace(-8, 8, 400)], axis=1)
    thickness = splat(points, np.full(400, 0.02), along(points), FAR)
    assert thickness.sum() * 0.0625 == pytest.approx(np.pi * 0.02**2 * 16, rel=0.05)


def test_solids_nearer_the_source_are_magnified():
    # Source 100 cm from the detector, solid 25 cm before it: 100 / 75 = 1.333 times as wide.
    rays = Exposure("PA", 3, 400, 0.1, 100.0, 0.0, offset=(0.0, 0.0)).rays
    near, flat = (chords([ellipsoid((0, y, 0), (5, 0.5, 5))], [], rays)[0, 1] > 0 for y in (-25, 0))
    assert near.sum() / flat.sum() == pytest.approx(4 / 3, rel=0.03)
