"""Links in a data set that lead out of its folder: refused, unless the user allows them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from cxrcompare import datasets
from cxrcompare.cli.commands import main
from cxrcompare.errors import InputError

LABELS = "path,patient_id,Edema,Effusion\n" + "".join(
    f"{folder}/{n}.png,{n},{n % 2},{n % 3 % 2}\n" for folder in ("own", "linked") for n in range(4)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data set whose images are in its folder, and in another behind a link."""
    folder, other = tmp_path / "set", tmp_path / "other"
    for place in (folder / "own", other):
        place.mkdir(parents=True)
        for n in range(4):
            (place / f"{n}.png").touch()
    (folder / "linked").symlink_to(other)
    (folder / "labels.csv").write_text(LABELS)
    return folder


def test_images_behind_a_link_are_refused_with_the_way_out(folder):
    with pytest.raises(InputError, match=r"--follow-links.*4 files behind .* first linked -> /"):
        datasets.read("folder", folder)


def test_allowed_links_are_followed_and_said(folder, caplog):
    caplog.set_level(logging.INFO, "cxrcompare")
    assert len(datasets.read("folder", folder, follow_links=True)) == 8
    assert [r.message for r in caplog.records if "links that lead outside" in r.message]


def test_a_label_file_behind_a_link_is_refused_before_it_is_read(tmp_path, folder, capsys):
    """An archive must not make the program read and quote a file of the machine."""
    (tmp_path / "secret").write_text("path,patient_id,Edema\nmy-password,1,1\n")
    (folder / "labels.csv").unlink()
    (folder / "labels.csv").symlink_to(tmp_path / "secret")
    for words in ([], ["--dataset", "folder"]):
        command = ["prepare", str(folder), "--out", str(tmp_path / "store"), *words]
        assert main(command) == 2
        out, err = capsys.readouterr()
        assert "password" not in out + err
        assert "labels.csv -> " in err
        assert len(err.splitlines()) == 1
    assert not (tmp_path / "store").exists()


def test_a_whole_data_set_behind_a_link_is_read_by_its_own_name(folder, tmp_path):
    (folder / "linked").unlink()
    (folder / "labels.csv").write_text("\n".join(LABELS.splitlines()[:5]) + "\n")
    (tmp_path / "shortcut").symlink_to(folder)
    assert len(datasets.read("folder", tmp_path / "shortcut")) == 4
