"""A file of cases made by hand: two findings, two networks, two images."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from cxrcompare.cases.case_file import CaseFile

_PIXEL = (  # a black JPEG image of one pixel
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwc"
    "KDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAACf/EABQQAQAAAAAAAAAA"
    "AAAAAAAAAAD/2gAIAQEAAD8AKp//2Q=="
)


def content(**changes: Any) -> dict[str, Any]:
    maps = np.arange(-8, 8, dtype=np.int8) * 15  # (2 images, 2 findings, 2, 2)
    network = {
        "thresholds": [0.5, None],
        "cells": [2, 2],
        "maps": base64.b64encode(maps.tobytes()).decode(),
    }
    image = {"sex": "F", "age": 61.0, "view": "frontal PA", "jpeg": _PIXEL}
    return {
        "at_most": 3,
        "left_out": 0,
        "method": "maps by hand",
        "findings": ["Edema", "</script><b>Fracture"],
        "networks": [
            {"name": "a", "run": "a__seed0", **network},
            {"name": "b", "run": "b__seed0", **network},
        ],
        "images": [
            {"id": "p1/s1/v1.jpg", **image},
            {"id": "p2/<i>s1</i>/v1.jpg", **image, "sex": "", "age": None},
        ],
        "cases": [
            {"rule": "miss", "finding": 0, "image": 0, "label": 1, "scores": [0.1, 0.7]},
            {"rule": "split", "finding": 0, "image": 1, "label": None, "scores": [0.1, 0.7]},
            {"rule": "miss", "finding": 1, "image": 0, "label": 1, "scores": [0.2, 0.3]},
        ],
        **changes,
    }


def make(**changes: Any) -> CaseFile:
    return CaseFile.model_validate(content(**changes))
