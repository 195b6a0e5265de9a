"""Marks of networks."""

from cxrcompare.reporting.figures import marks, palette


def test_64_networks_differ_in_colour_dash_or_mark() -> None:
    rules = palette.series_rules(64)
    colours = palette.colours(64)
    seen = set()
    for index in range(64):
        dash = rules.partition(f".n{index} .line{{stroke-dasharray:")[2].partition("}")[0]
        seen.add((colours[f"n{index}"], dash, marks.mark(index)))
    assert len(seen) == 64


def test_the_corners_of_a_square_are_around_its_centre() -> None:
    # a side of 0.84 of 2 x 5 around (10, 20): 5.8 to 14.2 and 15.8 to 24.2
    found = [(round(x, 6), round(y, 6)) for x, y in marks.corners(1, 10, 20, 5)]
    assert found == [(5.8, 15.8), (14.2, 15.8), (14.2, 24.2), (5.8, 24.2)]
    assert marks.clip_path(1) == "polygon(8% 8%,92% 8%,92% 92%,8% 92%)"
    assert marks.corners(0, 1, 1, 1) == []
