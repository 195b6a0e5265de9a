"""Tests of `prepare`: from a table to a finished store, with unreadable files."""

from __future__ import annotations

import json
import os

import numpy as np
import pandas as pd
import pytest
import xxhash
from filelock import FileLock

from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable
from cxrcompare.images.decoding.decode import load
from cxrcompare.images.prepare import open_store, prepare

from .conftest import draw_image, files, jpeg, table_of


def test_a_store_contains_every_image_in_the_order_of_the_table(folder_of, tmp_path):
    table = folder_of(70)
    store = prepare(table, tmp_path / "store", 32, workers=2)
    assert store.pixels.shape == (70, 32, 32)
    for row, path in enumerate(table.rows["path"]):
        assert (store.pixels[row] == load(table.root / path, 32)).all()
    pd.testing.assert_frame_equal(store.table.rows, table.rows)
    assert store.table.root == table.root
    assert store.table.notes == {"synthetic": True}
    store.verify()


def test_the_files_of_a_finished_store(folder_of, tmp_path):
    store = prepare(folder_of(3), tmp_path / "store", 16)
    assert set(files(store.folder)) == {
        "images.npy",
        "hashes.npy",
        "table.csv",
        "rejected.csv",
        "sources.npy",
        "near_duplicates.csv",
        "store.json",
    }
    assert np.load(tmp_path / "store/images.npy").shape == (3, 16, 16)
    description = json.loads((tmp_path / "store/store.json").read_text())
    assert description["source"] == "data"
    assert description["images"] == 3
    assert description["rejected"] == 0
    assert description["size"] == 16
    assert "INTER_AREA" in description["resize"]


def test_hashes_are_xxh3_of_each_image(folder_of, tmp_path):
    store = prepare(folder_of(3), tmp_path / "store", 16)
    for row in range(3):
        bytes_ = store.pixels[row].tobytes()
        assert store.hashes[row].tobytes() == xxhash.xxh3_128_digest(bytes_)


def test_the_number_of_workers_changes_no_byte(folder_of, tmp_path):
    table = folder_of(100)
    one = prepare(table, tmp_path / "one", 24, workers=1)
    three = prepare(table, tmp_path / "three", 24, workers=3)
    assert files(one.folder) == files(three.folder)


def test_unreadable_images_are_left_out_listed_and_counted(folder_of, tmp_path):
    table = folder_of(40)
    (table.root / "train/003.jpg").write_bytes(b"")
    (table.root / "train/017.jpg").write_text("not a image")
    (table.root / "train/033.jpg").unlink()
    store = prepare(table, tmp_path / "store", 16, max_rejected=0.1)
    rejected = store.rejected()
    assert rejected["path"].tolist() == ["train/003.jpg", "train/017.jpg", "train/033.jpg"]
    assert rejected["reason"].tolist() == [
        "is empty",
        "must be a JPEG, PNG or DICOM file by its content",
        "cannot be read: No such file or directory",
    ]
    kept = [row for row in range(40) if row not in (3, 17, 33)]
    assert store.table.rows["image_id"].tolist() == [f"{row:04d}" for row in kept]
    for position, row in enumerate(kept):
        assert (store.pixels[position] == load(table.root / f"train/{row:03d}.jpg", 16)).all()
    assert store.description["rejected"] == 3
    store.verify()


def test_too_many_unreadable_images_fail_and_leave_no_store(folder_of, tmp_path):
    table = folder_of(40)
    for row in (5, 6, 7):
        (table.root / f"train/{row:03d}.jpg").write_bytes(b"x")
    with pytest.raises(InputError, match=r"at most 5\.00% of 40 .* 3 .*train/005\.jpg: must be a"):
        prepare(table, tmp_path / "store", 16, max_rejected=0.05)
    with pytest.raises(InputError, match="must be a finished image store"):
        open_store(tmp_path / "store")
    assert len(pd.read_csv(tmp_path / "store/rejected.csv")) == 3


def test_repaired_files_are_read_by_the_next_call(folder_of, tmp_path):
    table = folder_of(8)
    (table.root / "train/005.jpg").write_bytes(b"x")
    with pytest.raises(InputError, match="may be rejected"):
        prepare(table, tmp_path / "store", 16)
    (table.root / "train/005.jpg").write_bytes(jpeg(draw_image(5)))
    assert len(prepare(table, tmp_path / "store", 16)) == 8


def test_no_readable_image_at_all_fails_whatever_is_allowed(folder_of, tmp_path):
    table = folder_of(2)
    for path in table.rows["path"]:
        (table.root / path).write_bytes(b"x")
    with pytest.raises(InputError, match="2 so far"):
        prepare(table, tmp_path / "store", 16, max_rejected=1.0)


def test_paths_that_lead_outside_are_never_opened(folder_of, tmp_path):
    table = folder_of(4)
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(jpeg(draw_image(1)))
    paths = ["train/000.jpg", "../secret.jpg", str(secret), "train\\..\\..\\secret.jpg"]
    store = prepare(table_of(table.root, paths), tmp_path / "store", 16, max_rejected=0.9)
    assert store.rejected()["path"].tolist() == paths[1:]
    assert set(store.rejected()["reason"]) == {"the path leads outside the data folder"}


def test_a_finished_store_of_the_same_inputs_is_returned_untouched(folder_of, tmp_path, caplog):
    table = folder_of(4)
    prepare(table, tmp_path / "store", 16)
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "store").iterdir()}
    caplog.clear()
    assert len(prepare(table, tmp_path / "store", 16)) == 4
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "store").iterdir()} == before
    assert caplog.text == ""


def test_changed_files_of_a_finished_store_are_reported(folder_of, tmp_path, caplog):
    table = folder_of(5)
    (table.root / "train/000.jpg").write_bytes(b"broken")
    prepare(table, tmp_path / "store", 16, max_rejected=0.5)
    (table.root / "train/001.jpg").unlink()
    os.utime(table.root / "train/003.jpg", ns=(1, 1))
    assert len(prepare(table, tmp_path / "store", 16, max_rejected=0.5)) == 4
    said = caplog.text
    assert "deleted since they were read: 2 (first: train/001.jpg)" in said
    (table.root / "train/000.jpg").write_bytes(jpeg(draw_image(0)))
    prepare(table, tmp_path / "store", 16, max_rejected=0.5)
    assert "deleted since they were read: 3 (first: train/000.jpg)" in caplog.text


def test_a_moved_data_folder_is_the_same_input(folder_of, tmp_path, caplog):
    table = folder_of(4)
    prepare(table, tmp_path / "store", 16)
    caplog.clear()
    moved = table.root.rename(tmp_path / "elsewhere")
    same = ImageTable(table.rows, table.findings, table.dataset, moved, table.notes)
    store = prepare(same, tmp_path / "store", 16)
    assert store.table.root == moved
    assert caplog.text == ""


def test_a_finished_store_of_other_inputs_is_refused(folder_of, tmp_path):
    table = folder_of(4)
    prepare(table, tmp_path / "store", 16)
    with pytest.raises(InputError, match=r"finished store with other inputs \(size=16"):
        prepare(table, tmp_path / "store", 24)
    with pytest.raises(InputError, match="another table"):
        prepare(table.take(np.arange(3)), tmp_path / "store", 16)


def test_a_folder_with_something_else_is_refused(folder_of, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store/thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"thesis\.txt"):
        prepare(folder_of(2), tmp_path / "store", 16)
    assert (tmp_path / "store/thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("mine", [["images.npy"], ["images.npy", "rejected.csv", "journal.jsonl"]])
def test_arrays_of_the_user_are_not_taken_for_a_store(folder_of, tmp_path, mine):
    out = tmp_path / "store"
    out.mkdir()
    for name in mine:
        (out / name).write_bytes(b"mine")
    with pytest.raises(InputError, match=r"a folder with images\.npy and no store\.json or"):
        prepare(folder_of(3), out, 16)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == dict.fromkeys(mine, b"mine")


def test_a_file_of_the_user_or_a_link_in_a_store_is_named(folder_of, tmp_path):
    table = folder_of(3)
    out = prepare(table, tmp_path / "store", 16).folder
    (out / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match=r"a folder with notes\.txt"):
        prepare(table, out, 16)
    (out / "notes.txt").unlink()
    (out / "preview.png").symlink_to(tmp_path / "elsewhere.png")
    with pytest.raises(InputError, match=r"the symbolic link preview\.png"):
        prepare(table, out, 16)
    (tmp_path / "link").symlink_to(out)
    with pytest.raises(InputError, match="a symbolic link"):
        prepare(table, tmp_path / "link", 16)


def test_a_second_prepare_at_once_is_refused(folder_of, tmp_path):
    (tmp_path / "store").mkdir()
    with (
        FileLock(tmp_path / "store/.lock"),
        pytest.raises(InputError, match="must not be in use by another `prepare`"),
    ):
        prepare(folder_of(2), tmp_path / "store", 16)


@pytest.mark.parametrize(
    "wrong", [{"size": 0}, {"size": 9999}, {"workers": 0}, {"max_rejected": 1.5}]
)
def test_arguments_out_of_range_are_named(folder_of, tmp_path, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        prepare(folder_of(2), tmp_path / "store", **wrong)


def test_equal_images_are_counted(folder_of, tmp_path, caplog):
    table = folder_of(6)  # patients 0 0 1 1 2 2
    (table.root / "train/001.jpg").write_bytes((table.root / "train/000.jpg").read_bytes())
    store = prepare(table, tmp_path / "one", 16)
    assert store.description["repeated"] == 1
    assert store.description["repeated_under_another_patient"] == 0
    assert "another patient" not in caplog.text
    (table.root / "train/004.jpg").write_bytes((table.root / "train/000.jpg").read_bytes())
    store = prepare(table, tmp_path / "two", 16)
    assert store.description["repeated"] == 2
    assert store.description["repeated_under_another_patient"] == 1
    said = caplog.text
    assert "images that repeat an image of another patient: 1 " in said
    assert "(first: train/004.jpg equals train/000.jpg)" in said
    assert (store.hashes[4] == store.hashes[1]).all()


def test_loops_of_symbolic_links_and_folders_are_rejected(folder_of, tmp_path):
    table = folder_of(3)
    (table.root / "train/loop.jpg").symlink_to("loop.jpg")
    (table.root / "train/folder.jpg").mkdir()
    paths = [*table.rows["path"], "train/loop.jpg", "train/folder.jpg", "train/a\0b.jpg"]
    store = prepare(table_of(table.root, paths), tmp_path / "store", 16, max_rejected=0.6)
    reasons = store.rejected()["reason"].tolist()
    assert ["symbolic links" in reasons[0], "directory" in reasons[1], "null" in reasons[2]] == [
        True,
        True,
        True,
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_rejected(folder_of, tmp_path):
    table = folder_of(3)
    (table.root / "train/001.jpg").chmod(0)
    store = prepare(table, tmp_path / "store", 16, max_rejected=0.5)
    assert "Permission denied" in store.rejected()["reason"][0]


def test_names_beyond_ascii_and_ids_with_leading_zeros_come_back(tmp_path):
    root = tmp_path / "data"
    (root / "Röntgen 胸").mkdir(parents=True)
    paths = ["Röntgen 胸/a,b.jpg", 'Röntgen 胸/c"d.jpg', "Röntgen 胸/NA.jpg"]
    for row, path in enumerate(paths):
        (root / path).write_bytes(jpeg(draw_image(row)))
    table = table_of(
        root,
        paths,
        image_id=["007", "NA", "1e5"],
        patient_id=["00", "0", "None"],
        study_id=["00/1", "0/1", "nan"],
        age=[0.1 + 0.2, np.nan, 90.0],
    )
    found = prepare(table, tmp_path / "store", 16).table.rows
    for column in table.rows.columns:
        assert found[column].equals(table.rows[column]), column


def test_a_name_that_is_no_utf8_is_one_clear_line(folder_of, tmp_path):
    table = folder_of(2)
    rows = table.rows.astype({"path": object})
    rows.loc[1, "path"] = b"train/\xff.jpg".decode(errors="surrogateescape")
    wrong = type(table)(rows, table.findings, table.dataset, table.root)
    with pytest.raises(InputError, match="UTF-8"):
        prepare(wrong, tmp_path / "store", 16)
