"""Tests of the table of networks: complete, and readable without Keras."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from cxrcompare import models
from cxrcompare.errors import InputError
from cxrcompare.models.backbones import get, scales_and_offsets


def test_the_five_of_the_study_come_first() -> None:
    assert models.names()[:5] == ("resnet34", "resnet50", "resnet101", "densenet121", "mobilenet")


def test_one_line_each() -> None:
    lines = models.describe()
    assert len(lines) == len(models.names())
    assert all(line.startswith(name) for line, name in zip(lines, models.names(), strict=True))
    assert all("arXiv" in line and "\n" not in line for line in lines)


def test_names_need_no_keras() -> None:
    code = (
        "import sys; from cxrcompare import models; models.describe(); models.find_weights;"
        "sys.exit('keras' in sys.modules or 'tensorflow' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["ResNet50", "res_net-50", " resnet50 "])
def test_spelling(name: str) -> None:
    assert get(name).name == "resnet50"


def test_an_unknown_name_lists_the_choices() -> None:
    with pytest.raises(InputError, match=r"one of resnet34, .*Received: resnet35"):
        get("resnet35")


def test_normalisation_by_hand() -> None:
    # torch: (124 / 255 - 0.485) / 0.229; caffe: 124 - 103.939; tf: 124 / 127.5 - 1.
    for rule, channel, expected in (
        ("torch", 0, (124 / 255 - 0.485) / 0.229),
        ("torch", 2, (124 / 255 - 0.406) / 0.225),
        ("caffe", 0, 124 - 103.939),
        ("tf", 1, 124 / 127.5 - 1),
        ("128", 1, 124 / 128 - 1),
        ("unit", 1, 124 / 255),
    ):
        scales, offsets = scales_and_offsets(rule)  # type: ignore[arg-type]
        np.testing.assert_allclose(124 * scales[channel] + offsets[channel], expected, rtol=1e-12)
