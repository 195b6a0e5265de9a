"""The colours: one per network in all figures, colour-blind safe, for light and dark themes.

Based on Okabe and Ito 2008 (jfly.uni-koeln.de/color) and Tol 2021 (personal.sron.nl/~pault),
darkened or lightened to a contrast of 3:1 with the page. After eight networks the colours repeat
with other dashes and other marks: 64 networks differ in colour, dash or mark.
"""

from __future__ import annotations

from cxrcompare.reporting.figures.marks import MARKS, clip_path, mark

LIGHT = (
    "#0067A5",
    "#C9490A",
    "#00835F",
    "#A8327A",
    "#A67500",
    "#2E93C9",
    "#6A6A6A",
    "#6B2C63",
)
DARK = (
    "#5BAEEA",
    "#FF8C4A",
    "#35C79A",
    "#E586BE",
    "#E5B93C",
    "#9AD3F5",
    "#B4B4B4",
    "#C69BD6",
)
DASHES = ("", "7 3", "2 3", "9 3 2 3")

PAGE_LIGHT = {
    "paper": "#FBFAF7",
    "card": "#FFFFFF",
    "ink": "#1B2227",
    "soft": "#59636B",
    "rule": "#DCD9D1",
    "grid": "#ECEAE4",
    "accent": "#0B5563",
    "mark": "#FFF4D6",
    "better": "#00735A",
    "worse": "#B23A00",
    "heat": "#0067A5",
    "shade": "#00000022",
}
PAGE_DARK = {
    "paper": "#14181B",
    "card": "#1B2024",
    "ink": "#E9E6E0",
    "soft": "#A3ABB0",
    "rule": "#343B40",
    "grid": "#272D31",
    "accent": "#7CC7D6",
    "mark": "#3A3115",
    "better": "#4ECDA6",
    "worse": "#FF9A66",
    "heat": "#5BAEEA",
    "shade": "#000000AA",
}

RULES = (
    ".fig{font-family:-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',Arial,"
    "sans-serif;font-size:11px}"
    ".fig text{fill:var(--soft);stroke:none}"
    ".fig .strong,.fig .strong text{fill:var(--ink)}"
    ".fig .own{fill:var(--c)}"
    ".fig .halo{paint-order:stroke;stroke:var(--card);stroke-width:3;stroke-linejoin:round}"
    ".fig .b{font-weight:600}"
    ".fig .grid{stroke:var(--grid);stroke-width:1}"
    ".fig .axis{stroke:var(--rule);stroke-width:1}"
    ".fig .guide{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3;fill:none}"
    ".fig .line{stroke:var(--c);stroke-width:1.8;fill:none;stroke-linejoin:round}"
    ".fig .thin{stroke-width:1.1;opacity:.75}"
    ".fig .band{fill:var(--c);fill-opacity:.08;stroke:none}"
    ".fig .whisker{stroke:var(--c);stroke-width:1.6;fill:none}"
    ".fig .dot{fill:var(--c);stroke:var(--card);stroke-width:1}"
    ".fig .hollow{fill:var(--card);stroke:var(--c);stroke-width:1.6}"
    ".fig .bar{fill:var(--c);fill-opacity:.75;stroke:none}"
    ".fig .pale{fill:var(--soft);fill-opacity:.35;stroke:none}"
    ".fig .reader{fill:var(--ink);stroke:var(--card);stroke-width:1}"
    ".fig .ink{--c:var(--ink)}"
    ".fig .soft{--c:var(--soft)}"
    ".fig .heat{fill:var(--heat);stroke:none}"
    ".fig .plate{fill:var(--grid);fill-opacity:.6;stroke:none}"
    ".fig .cell{fill:var(--grid);fill-opacity:.5;stroke:none}"
    ".fig .over text{fill:var(--card);font-weight:600}"
    ".fig .cursor{stroke:var(--ink);stroke-width:1.2;fill:none}"
)
"""The CSS rules of all marks, used in the page's style sheet and in separate figure files."""


def colours(networks: int, dark: bool = False) -> dict[str, str]:
    """Returns {name: colour}; the networks are n0, n1, ..."""
    series = DARK if dark else LIGHT
    named = {f"n{index}": series[index % len(series)] for index in range(networks)}
    return (PAGE_DARK if dark else PAGE_LIGHT) | named


def variables(networks: int, dark: bool = False) -> str:
    """Returns the colours as CSS custom properties."""
    return "".join(f"--{name}:{value};" for name, value in colours(networks, dark).items())


def series_rules(networks: int) -> str:
    """Returns the CSS rules for the colours of the networks, with dashes after the eighth.

    With more than eight networks the bands overlap too much, so they are faint until a network is
    highlighted.
    """
    rules = [".fig .band{fill-opacity:.03}"] if networks > len(LIGHT) else []
    for index in range(networks):
        block = index // len(LIGHT)
        dash = DASHES[(block + block // len(MARKS)) % len(DASHES)]
        rules.append(f".n{index}{{--c:var(--n{index})}}")
        if mark(index):
            shape = clip_path(mark(index))
            rules.append(f".n{index}>i.dot{{border-radius:0;clip-path:{shape}}}")
        if dash:
            rules.append(f".n{index} .line{{stroke-dasharray:{dash}}}")
    rules.append(".fig .rest:not(.lit){--c:var(--rule)}.fig .rest:not(.lit) .line{stroke-width:1}")
    return "".join(rules)
