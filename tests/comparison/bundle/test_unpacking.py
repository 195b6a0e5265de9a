"""Hostile and damaged bundles: nothing outside of the folder, nothing too large, one line."""

import json
import struct
import zipfile

import pytest

from cxrcompare.comparison.bundle import unpacking
from cxrcompare.comparison.bundle.unpacking import unpack
from cxrcompare.errors import InputError


def rewritten(source, target, change):
    """Writes a bundle after `change(contents, description)`."""
    with zipfile.ZipFile(source) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    described = json.loads(contents["bundle.json"])
    change(contents, described)
    if "bundle.json" in contents:
        contents["bundle.json"] = json.dumps(described).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return target


def _other_content(contents, described):
    contents["predictions/a.csv"] = contents["predictions/a.csv"].replace(b"0.", b"1.", 1)


def _climbing(contents, described):
    described["files"][0]["name"] = "../../evil.csv"
    contents["predictions/../../evil.csv"] = contents.pop("predictions/a.csv")


def _climbing_member(contents, described):
    contents["../evil.csv"] = b"x"


def _backslash(contents, described):
    described["files"][0]["name"] = "..\\evil.csv"


def _bomb(contents, described):
    contents["predictions/a.csv"] = bytes(10_000_000)


def _missing(contents, described):
    del contents["comparison.json"]


def _no_description(contents, described):
    del contents["bundle.json"]


def _listed_twice(contents, described):
    described["files"].append(described["files"][0])


def _no_predictions(contents, described):
    for one in [one for one in described["files"] if one["role"] == "predictions"]:
        described["files"].remove(one)
        del contents[f"predictions/{one['name']}"]


def _other_format(contents, described):
    described["format"] = 2


def _unknown_option(contents, described):
    described["options"]["shell"] = "rm"


def _option_out_of_range(contents, described):
    described["options"]["replicates"] = 10**12


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_other_content, "predictions/a.csv must have the hash of bundle.json"),
        (_climbing, "bundle.json must have plain file names"),
        (_climbing_member, "must have exactly the files of bundle.json. Received: with other"),
        (_backslash, "bundle.json must have plain file names"),
        (_bomb, "predictions/a.csv must have at most"),
        (_missing, "must have exactly the files of bundle.json. Received: without 'compar"),
        (_no_description, "must be a bundle with bundle.json"),
        (_listed_twice, "must list every file once"),
        (_no_predictions, "must list predictions. Received: none"),
        (_other_format, "bundle.json must describe a bundle"),
        (_unknown_option, "bundle.json must describe a bundle"),
        (_option_out_of_range, "`replicates` must be"),
    ],
)
def test_a_changed_bundle_is_refused_and_leaves_nothing_outside(packed, tmp_path, change, message):
    bundle = rewritten(packed.full, tmp_path / "changed.zip", change)
    inside = tmp_path / "deep" / "inside"
    inside.mkdir(parents=True)
    with pytest.raises(InputError) as caught:
        unpack(bundle, inside)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert {path.name for path in tmp_path.rglob("*.csv")} <= {"a.csv", "b.csv"}
    assert not list(tmp_path.glob("*.csv"))


def test_a_bundle_larger_than_the_limit_is_not_decompressed(packed, tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "MOST_BYTES", 1000)
    with pytest.raises(InputError, match=r"must have at most 20,000 files and 1,000 bytes"):
        unpack(packed.full, tmp_path)


def test_a_false_size_in_the_archive_does_not_matter(packed, tmp_path):
    """The directory of the archive declares one byte; the file has more."""
    content = bytearray(packed.full.read_bytes())
    start = content.index(b"PK\x01\x02")
    where = content.index(b"predictions/a.csv", start) - 46
    content[where + 24 : where + 28] = struct.pack("<I", 1)
    (tmp_path / "false.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"false\.zip: "):
        unpack(tmp_path / "false.zip", tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04" + bytes(100)])
def test_another_file_is_one_line(tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.zip: must be a bundle of `cxrcompare bundle`"):
        unpack(tmp_path / "x.zip", tmp_path)


def test_a_cut_bundle_is_one_line(packed, tmp_path):
    content = packed.full.read_bytes()
    (tmp_path / "cut.zip").write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"cut\.zip: must be a bundle"):
        unpack(tmp_path / "cut.zip", tmp_path)


def test_files_that_are_not_included_are_found_by_their_hash(packed, tmp_path):
    with pytest.raises(
        InputError, match=r"the validation reference valid\.csv; `--labels` must have it"
    ):
        unpack(packed.bare, tmp_path, [packed.folder / "test.csv"])
    renamed = tmp_path / "of-another-name.csv"
    renamed.write_bytes((packed.folder / "test.csv").read_bytes())
    labels = [renamed, packed.folder / "valid.csv", packed.folder / "reader.csv"]
    description = unpack(packed.bare, tmp_path, labels)
    assert (tmp_path / "reference/test.csv").read_bytes() == renamed.read_bytes()
    assert description.chosen == packed.options
