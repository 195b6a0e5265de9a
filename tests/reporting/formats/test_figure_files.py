"""Figures as separate SVG files: light colours, a legend, no custom properties."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from cxrcompare.comparison.result.comparison import Comparison


def test_files_of_curves_name_every_network(report_folder: Path, comparison: Comparison) -> None:
    names = [row["name"] for row in comparison.models if row["kind"] == "network"]
    for kind in ("roc", "pr", "findings"):
        for path in (report_folder / "figures").glob(f"{kind}-*.svg"):
            words = {
                part.text for part in ElementTree.parse(path).iter() if part.tag.endswith("text")
            }
            assert set(names) <= words, path.name
