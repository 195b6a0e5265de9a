"""npz files are read like other files; damaged and hostile ones are refused in one line."""

import io
import zipfile

import numpy as np
import pytest

from cxrcompare.predictions import npz, read_predictions


@pytest.fixture
def stored(tmp_path):
    def write(name="net__seed2.npz", **arrays):
        path = tmp_path / name
        np.savez_compressed(path, **arrays)
        return path

    return write


def test_ids_findings_and_scores(stored):
    scores = np.array([[0.1, 0.9], [0.2, 0.8]])
    found = read_predictions(stored(ids=["a", "b"], findings=["Edema", "Mass"], scores=scores))
    assert (found.name, found.seed, found.stored) == ("net", "2", True)
    assert found.findings == ("Edema", "Mass")
    np.testing.assert_array_equal(found.values, scores)
    by_finding = read_predictions(stored(study_id=["a", "b"], Mass=scores[:, 1]))
    np.testing.assert_array_equal(by_finding.values, scores[:, 1:])


def test_errors_name_the_file(stored, refused):
    path = stored(ids=["a", "b"], Edema=[0.1, 7.0])
    assert "row 2, column 'Edema'" in refused(path)
    assert "id column" in refused(stored(Edema=[0.1, 0.2]))


def test_objects_are_not_unpickled(stored, refused):
    path = stored(ids=np.array(["a", "b"], dtype=object), Edema=[0.1, 0.2])
    assert "must be an npz file" in refused(path)


def test_a_file_of_huge_arrays_is_refused(stored, refused, monkeypatch):
    path = stored(ids=np.arange(1000).astype(str), Edema=np.zeros(1000))
    monkeypatch.setattr(npz, "LARGEST", 1000)
    assert "at most 1,000 bytes" in refused(path)


def test_a_false_shape_is_refused(tmp_path, refused):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f8", "fortran_order": False, "shape": (10**13,)}
    )
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("Edema.npy", header.getvalue())
    assert "must be an npz file" in refused(path)


def test_another_file_in_the_archive_is_refused(tmp_path, refused):
    path = tmp_path / "net.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.txt", "text")
    assert "'notes.txt', another file" in refused(path)


def test_damaged_files_are_refused_in_one_line(stored, refused, tmp_path):
    whole = stored(ids=["a", "b", "c"], Edema=[0.1, 0.2, 0.3]).read_bytes()
    rng = np.random.default_rng(0)
    damaged = tmp_path / "damaged.npz"
    refusals = 0
    for _ in range(300):
        content = bytearray(whole)
        for position in rng.integers(0, len(content), 3):
            content[position] = rng.integers(0, 256)
        damaged.write_bytes(content[: rng.integers(1, len(content) + 1)])
        try:
            found = read_predictions(damaged)
        except ValueError:
            refused(damaged)
            refusals += 1
        else:
            assert ((found.values >= 0) & (found.values <= 1)).all()
    assert refusals > 100


def test_a_missing_file_and_an_empty_one(tmp_path, refused):
    assert "no such file" in refused(tmp_path / "none.npz")
    (tmp_path / "empty.npz").touch()
    refused(tmp_path / "empty.npz")
