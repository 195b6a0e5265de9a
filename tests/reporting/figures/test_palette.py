"""Colours: contrast in both themes, and dashes after the eighth network."""

from __future__ import annotations

import re

import pytest

from cxrcompare.reporting.figures import palette


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_meets_wcag(dark: bool) -> None:
    """Text 4.5:1, marks 3:1 (WCAG 2.2, 1.4.3 and 1.4.11)."""
    colours = palette.colours(8, dark)

    def contrast(one: str, other: str) -> float:
        high, low = sorted((_luminance(colours[one]), _luminance(colours[other])), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for surface in ("paper", "card"):
        for name in ("ink", "soft", "accent"):
            assert contrast(name, surface) >= 4.5, (name, surface)
        for name in ("better", "worse", *(f"n{index}" for index in range(8))):
            assert contrast(name, surface) >= 3, (name, surface)


def test_networks_past_the_eighth_differ_by_dashes() -> None:
    rules = palette.series_rules(20)
    assert "stroke-dasharray" not in rules.split(".n8{")[0]
    assert ".n8 .line{stroke-dasharray" in rules


@pytest.mark.parametrize("networks", [1, 8, 9, 40])
def test_both_themes_have_the_same_names(networks: int) -> None:
    light, dark = palette.colours(networks), palette.colours(networks, dark=True)
    assert list(light) == list(dark)
    assert [name for name in light if name[1:].isdigit()] == [f"n{n}" for n in range(networks)]
    assert palette.variables(networks).count(";") == len(light)
    assert f"--n{networks - 1}:{light[f'n{networks - 1}']};" in palette.variables(networks)


def test_the_first_32_networks_differ_in_colour_or_dashes() -> None:
    colours, rules = palette.colours(32), palette.series_rules(32)
    looks = {
        (colours[f"n{n}"], *re.findall(rf"\.n{n} \.line{{stroke-dasharray:([^}}]*)}}", rules))
        for n in range(32)
    }
    assert len(looks) == 32


def test_bands_are_faint_only_with_more_than_eight_networks() -> None:
    assert "fill-opacity" not in palette.series_rules(8)
    assert palette.series_rules(9).startswith(".fig .band{fill-opacity:.03}")
