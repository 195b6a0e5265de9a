"""A page to browse images with their maps: one file, offline, by keyboard or touch."""

from __future__ import annotations

import json

import numpy as np
from jinja2 import Environment

from cxrcompare.explaining import overlays
from cxrcompare.explaining.maps import Maps
from cxrcompare.filesystem.embedding import base64_text, packaged_text


def render(found: list[Maps], pictures: np.ndarray) -> str:
    """Returns the page as HTML.

    Args:
        found: The maps of each run.
        pictures: (n, S, S) uint8, the first n images of the maps.
    """
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(
        packaged_text("cxrcompare.explaining", "template/page.html")
    ).render(
        style=packaged_text("cxrcompare.explaining", "template/page.css"),
        script=packaged_text("cxrcompare.explaining", "template/page.js"),
        data=_data(found, pictures),
        images=len(pictures),
        all_images=len(found[0].ids),
        runs=[(maps.run, maps.method, maps.values.shape[2:]) for maps in found],
    )


def _data(found: list[Maps], pictures: np.ndarray) -> str:
    """Returns the data of the script as JSON that is safe inside of a page."""
    findings = list(dict.fromkeys(name for maps in found for name in maps.findings))
    scales = [*overlays.scales(found, len(pictures)).values()]
    content = {
        "images": [
            {"id": name, "jpeg": base64_text(overlays.jpeg(picture))}
            for name, picture in zip(found[0].ids, pictures, strict=False)
        ],
        "findings": findings,
        "colours": {"for": overlays.FOR, "against": overlays.AGAINST},
        "opacity": overlays.OPACITY,
        "runs": [_run(maps, findings, scales, len(pictures)) for maps in found],
    }
    return json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")


def _run(maps: Maps, findings: list[str], scales: list[float], count: int) -> dict[str, object]:
    """Returns a run's maps, rounded to 1/127 of full colour, and its probabilities."""
    own = [findings.index(name) for name in maps.findings]
    relative = maps.values[:count] / np.array(scales)[own][:, None, None]
    cells = np.rint(np.clip(relative, -1, 1) * 127).astype(np.int8)
    return {
        "name": maps.run,
        "findings": own,
        "cells": maps.values.shape[2:],
        "maps": base64_text(cells.tobytes()),
        "probabilities": np.round(maps.probabilities[:count], 3).tolist(),
    }
