from __future__ import annotations

import ast
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxrcompare import datasets
from cxrcompare.datasets import padchest
from cxrcompare.datasets.parsing import image_files

NAN = np.nan
REAL = os.environ.get("CXRCOMPARE_PADCHEST_CSV", "")


def _states(text: str) -> dict[str, float]:
    return dict(zip(padchest.FINDINGS, padchest.states_of(text), strict=True))


def test_what_is_listed_is_positive_and_the_rest_negative():
    states = _states("['pleural effusion', ' atelectasis basal', 'scoliosis', '']")
    assert {name for name, state in states.items() if state == 1} == {
        "Pleural Effusion",
        "Atelectasis",
    }
    assert all(state in (0, 1) for state in states.values())


@pytest.mark.parametrize(
    "text",
    ["nan", "", "[]", "['']", "['unchanged']", "['suboptimal study']", "['exclude', 'pneumonia']"],
)
def test_nothing_named_is_not_known(text):
    assert all(np.isnan(state) for state in _states(text).values())


def test_unchanged_leaves_the_rest_not_known():
    states = _states("['unchanged', 'pneumothorax']")
    assert states.pop("Pneumothorax") == 1
    assert states.pop("No Finding") == 0
    assert all(np.isnan(state) for state in states.values())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("['normal']", 1),
        ("['normal', 'pacemaker']", 1),
        ("['pacemaker']", NAN),
        ("['scoliosis']", 0),
        ("['normal', 'scoliosis']", NAN),
        ("['pacemaker', 'goiter']", 0),
    ],
)
def test_no_finding(text, expected):
    np.testing.assert_array_equal(_states(text)["No Finding"], expected)


@pytest.mark.parametrize(
    "text", ["normal", "('normal',)", "[1]", "['normal'", "{'a': 1}", "__import__('os')"]
)
def test_a_field_that_is_no_list_is_refused(text):
    with pytest.raises(ValueError):
        padchest.states_of(text)


@pytest.mark.parametrize("top", ["images/13/", "images/", ""])
def test_the_images_may_lie_in_one_folder(layouts, tmp_path, top):
    layout = layouts["padchest"]()
    layout.images = [top + name.rpartition("/")[2] for name in layout.images]
    table = padchest.read(layout.write(tmp_path))
    assert sorted(table.rows["path"]) == sorted(layout.images)


@pytest.mark.slow
@pytest.mark.skipif(not REAL, reason="CXRCOMPARE_PADCHEST_CSV names no label file of PadChest")
def test_the_real_label_rows(tmp_path, monkeypatch):
    source = Path(REAL)
    shutil.copy(source, tmp_path / source.name)
    monkeypatch.setattr(image_files, "check_present", lambda *_: None)
    table = datasets.read(None, tmp_path)
    raw = pd.read_csv(source, usecols=["Labels"], dtype=str, na_filter=False)["Labels"]
    assert len(table) == len(raw) == 160_861
    named = {word: raw.str.contains(rf"'\s*{word}\s*'") for word in ("cardiomegaly", "exclude")}
    listed = named["cardiomegaly"] & ~named["exclude"]
    assert (table.rows["Cardiomegaly"] == 1).sum() == listed.sum()
    assert (table.rows["view"] == "frontal PA").sum() == 91_728
    words = {
        word.strip()
        for text in raw.unique()
        if text not in ("", "nan")
        for word in ast.literal_eval(text)
    }
    assert {rule.label for rule in padchest.MAPPING} <= words
