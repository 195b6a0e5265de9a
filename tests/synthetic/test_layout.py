import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest

from cxrcompare import datasets
from cxrcompare.errors import InputError
from cxrcompare.findings import CHEXPERT, PARENTS
from cxrcompare.synthetic import labeller, write_sample


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("phantom") / "sample", 40, 48, 3, workers=1)


def test_the_chexpert_reader_reads_it_and_marks_it_synthetic(sample):
    table = datasets.read(None, sample)
    assert table.dataset == "chexpert"
    assert table.notes["synthetic"] is True
    assert table.notes["expert_splits"] == ["valid", "test"]
    assert table.rows["split"].value_counts().to_dict() == {"train": 28, "valid": 4, "test": 8}
    assert all((table.root / path).is_file() for path in table.rows["path"])


def test_splits_share_no_patient(sample):
    rows = datasets.read(None, sample).rows
    assert rows.groupby("patient_id")["split"].nunique().max() == 1


def test_images_are_grey_jpegs_of_the_size(sample):
    for path in sample.rglob("*.jpg"):
        pixels = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        assert pixels.ndim == 2 and max(pixels.shape) == 48
        assert pixels.std() > 20


def test_expert_labels_are_clean_and_keep_the_hierarchy(sample):
    for split in ("valid", "test"):
        labels = pd.read_csv(sample / f"{split}.csv")[list(CHEXPERT)]
        assert set(np.unique(labels)) <= {0.0, 1.0}
        for child, parent in PARENTS.items():
            assert (labels[parent] >= labels[child]).all()
        ill = labels.drop(columns=["No Finding", "Support Devices"]).any(axis=1)
        assert (labels["No Finding"] == ~ill).all()


def test_the_same_seed_gives_the_same_bytes(sample, tmp_path):
    again = write_sample(tmp_path / "again", 40, 48, 3, workers=1)
    first = {p.relative_to(sample): p.read_bytes() for p in sample.rglob("*") if p.is_file()}
    second = {p.relative_to(again): p.read_bytes() for p in again.rglob("*") if p.is_file()}
    assert first == second


def test_readers_answer_every_test_study(sample):
    tested = {path.parent.name for path in (sample / "test").rglob("study*/view*.jpg")}
    assert tested == {"study1"}
    for name in ("reader1", "reader2", "reader3"):
        said = pd.read_csv(sample / "readers" / f"{name}.csv")
        assert list(said.columns) == ["Study", *CHEXPERT]
        assert len(said) == len(list((sample / "test").glob("patient*/study*")))
        assert said[list(CHEXPERT)].isin([0, 1]).all(axis=None)


def test_a_finished_sample_is_kept_and_another_replaces_it(sample, tmp_path):
    out = write_sample(tmp_path / "sample", 12, 32, 0, workers=1)
    before = (out / "train.csv").stat().st_mtime_ns
    write_sample(out, 12, 32, 0, workers=1)
    assert (out / "train.csv").stat().st_mtime_ns == before
    write_sample(out, 12, 32, 1, workers=1)
    assert json.loads((out / "sample.json").read_text())["seed"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["sample"]


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="must be a new or empty folder"):
        write_sample(tmp_path, 12, 32, 0, workers=1)
    assert (tmp_path / "thesis.tex").read_text() == "mine"


def test_files_of_the_user_in_a_sample_are_not_deleted(tmp_path):
    out = write_sample(tmp_path / "sample", 12, 32, 0, workers=1)
    (out / "my notes.txt").write_text("mine")
    write_sample(out, 12, 32, 0, workers=1)  # the same sample stays, and so do they
    with pytest.raises(
        InputError, match=r"nothing else in it. Received: a folder with my notes\.txt"
    ):
        write_sample(out, 12, 32, 1, workers=1)
    assert (out / "my notes.txt").read_text() == "mine"


def test_a_file_of_the_user_anywhere_in_a_sample_is_not_deleted(tmp_path):
    out = write_sample(tmp_path / "sample", 12, 32, 0, workers=1)
    mine = out / "train" / "mine.jpg"
    mine.write_text("mine")
    with pytest.raises(InputError, match=r"a folder with train/mine\.jpg"):
        write_sample(out, 12, 32, 1, workers=1)
    assert mine.read_text() == "mine"


@pytest.mark.parametrize("masks", [False, True])
def test_an_interrupted_sample_continues_to_the_same_bytes(tmp_path, monkeypatch, masks):
    def contents(folder: Path) -> dict[Path, bytes]:
        return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}

    whole = contents(write_sample(tmp_path / "whole", 12, 32, 0, masks=masks, workers=1))
    encode, drawn = cv2.imencode, []

    def stop(suffix: str, *arguments: Any) -> tuple[bool, np.ndarray]:
        if len(drawn) == 5:
            raise KeyboardInterrupt
        drawn.append(suffix)
        return encode(suffix, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(cv2, "imencode", stop)
        with pytest.raises(KeyboardInterrupt):
            write_sample(tmp_path / "sample", 12, 32, 0, masks=masks, workers=1)
    assert not (tmp_path / "sample").exists()
    monkeypatch.setattr(
        cv2, "imencode", lambda suffix, *rest: (drawn.append(suffix), encode(suffix, *rest))[1]
    )
    again = contents(write_sample(tmp_path / "sample", 12, 32, 0, masks=masks, workers=1))
    assert again == whole
    assert drawn.count(".jpg") == 12
    assert sorted(path.name for path in tmp_path.iterdir()) == ["sample", "whole"]


def test_a_sample_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(labeller, "read", full)  # the readers' files are the last
    with pytest.raises(OSError, match="No space"):
        write_sample(tmp_path / "sample", 12, 32, 0, workers=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("images", "size", "seed", "name"),
    [(9, 64, 0, "images"), (20, 8, 0, "size"), (20, 64, -1, "seed")],
)
def test_numbers_out_of_range_are_named(tmp_path, images, size, seed, name):
    with pytest.raises(InputError, match=f"`{name}` must be from"):
        write_sample(tmp_path / "sample", images, size, seed)


def test_an_unknown_shortcut_is_named(tmp_path):
    with pytest.raises(InputError, match="magic"):
        write_sample(tmp_path / "sample", 20, 64, 0, shortcuts=["magic"])


def test_a_killed_sample_leaves_no_output_and_is_cleaned_up_by_the_next(tmp_path):
    command = (
        "from pathlib import Path; from cxrcompare.synthetic import labeller, write_sample; "
        f"write_sample(Path({str(tmp_path / 'sample')!r}), 5000, 32, 0, workers=1)"
    )
    process = subprocess.Popen([sys.executable, "-c", command], stderr=subprocess.DEVNULL)
    while not list(tmp_path.rglob("*.jpg")):
        assert process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.wait()
    assert not (tmp_path / "sample").exists()
    assert len(list(tmp_path.glob(".sample.*.partial"))) == 1
    write_sample(tmp_path / "sample", 10, 32, 0, workers=1)
    assert [path.name for path in tmp_path.iterdir()] == ["sample"]


def test_several_processes_draw_the_same_images(tmp_path):
    alone = write_sample(tmp_path / "alone", 100, 32, 0, workers=1)
    shared = write_sample(tmp_path / "shared", 100, 32, 0, workers=2)
    for path in alone.rglob("*.jpg"):
        assert path.read_bytes() == (shared / path.relative_to(alone)).read_bytes()


_PIXELS = """
import sys, numpy as np
from cxrcompare.synthetic.population import draw_population
from cxrcompare.synthetic.study import expose
images = [image for visit in draw_population(30, 0) for image in visit.images][:8]
shots = [expose(i.study, i.view, 64, np.random.default_rng(i.seed)) for i in images]
np.save(sys.argv[1], np.concatenate([shot.pixels.ravel() for shot in shots]))
"""


@pytest.mark.slow
def test_a_processor_without_vector_instructions_draws_nearly_the_same(tmp_path):
    """On 40 images of 160 pixels, one pixel in 10,000 differed, by at most 3 levels."""
    # NumPy's list of what it dispatches on has no public name.
    from numpy._core import _multiarray_umath as core

    extra = [name for name in core.__cpu_dispatch__ if core.__cpu_features__.get(name)]
    if not extra:
        pytest.skip("NumPy has no faster instructions to leave out on this processor")
    drawn = []
    for name, features in (("all", ""), ("few", " ".join(extra))):
        place = tmp_path / f"{name}.npy"
        changed = {**os.environ, "NPY_DISABLE_CPU_FEATURES": features}
        subprocess.run([sys.executable, "-c", _PIXELS, str(place)], check=True, env=changed)
        drawn.append(np.load(place).astype(int))
    differences = np.abs(drawn[0] - drawn[1])
    assert (differences > 0).mean() < 0.002
    assert differences.max() <= 8
