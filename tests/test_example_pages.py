"""The example reports that the website links: built from what is there, and never a dead link."""

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def examples():
    spec = importlib.util.spec_from_file_location(
        "example_pages", ROOT / "benchmarks" / "example_pages.py"
    )
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    yield module
    sys.path[:] = before
    sys.modules.pop("page", None)


def test_the_page_of_examples_links_exactly_the_pages_that_are_built(examples):
    text = (ROOT / "docs" / "examples.md").read_text(encoding="utf-8")
    linked = re.findall(r'href="examples/([^"]+)"', text)
    assert linked == list(examples.PAGES)
    assert "example_pages.py build/site/examples" in (ROOT / "Makefile").read_text("utf-8")


def test_a_page_is_a_whole_report_or_says_what_is_missing(examples, tmp_path):
    line = examples.write(examples.sixty_models(3, 150), tmp_path / "some" / "three.html")
    page = (tmp_path / "some" / "three.html").read_text(encoding="utf-8")
    assert line.startswith("three.html: ")
    assert "<h1>3 synthetic models</h1>" in page
    assert "synthetic scores, no real network" in page
    assert examples.nih(tmp_path) is None
    assert "left out" in examples.write(None, tmp_path / "nih.html")
    assert 'href="../examples.html"' in (tmp_path / "nih.html").read_text(encoding="utf-8")


def test_prediction_files_are_split_by_patient(examples, tmp_path):
    rng = np.random.default_rng(0)
    patients = np.repeat(np.arange(60), 4)
    labels = (rng.random((240, 14)) < 0.4).astype(int)
    for name in ("a_seed0", "a_seed1", "b_seed0", "b_seed1"):
        logits = (labels + rng.normal(size=labels.shape) - 1).astype(np.float32)
        np.savez(
            tmp_path / f"{name}.npz", test_logits=logits, test_labels=labels, test_patient=patients
        )
    found = examples.nih(tmp_path)
    kinds = {model["name"]: model["kind"] for model in found.models}
    assert kinds["a"] == kinds["b"] == "network"
    assert "ensemble" in kinds.values()
    assert found.protocol["patients"] == 40
    assert found.protocol["title"] == "Four networks, three seeds each"
