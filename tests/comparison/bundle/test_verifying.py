"""Verification recomputes the result, and says what differs."""

import json

import pytest

from cxrcompare.cli.commands import main
from cxrcompare.comparison.bundle import verifying
from cxrcompare.comparison.bundle.verifying import TOLERANCE, verify

from .test_unpacking import rewritten


def with_result(change):
    def apply(contents, described):
        result = json.loads(contents["comparison.json"])
        change(result)
        contents["comparison.json"] = json.dumps(result).encode()

    return apply


def test_a_bundle_is_equal_to_the_last_bit(packed):
    found = verify(packed.full)
    assert found.words.endswith("values are equal to the last bit")
    assert not found.different
    assert not found.versions
    named = {part.name for part in found.parts}
    assert {"metrics", "differences", "ranks", "curves", "disagreements", "warnings"} <= named


def test_a_bundle_without_labels_is_verified_with_the_files(packed):
    labels = [packed.folder / name for name in ("test.csv", "valid.csv", "reader.csv")]
    found = verify(packed.bare, labels)
    assert not found.different
    assert "disagreements" not in {part.name for part in found.parts}


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        (0.5 * TOLERANCE, "equal within rounding: 1 of"),
        (2 * TOLERANCE, "different: 1 of"),
        (0.1, "different: 1 of"),
    ],
)
def test_a_changed_number_is_reported_with_its_size(packed, tmp_path, shift, words):
    def change(result):
        result["metrics"]["value"][5] -= shift

    bundle = rewritten(packed.full, tmp_path / "x.zip", with_result(change))
    found = verify(bundle)
    assert found.words.startswith(words)
    (part,) = (part for part in found.parts if part.unequal)
    assert (part.name, part.unequal) == ("metrics", 1)
    assert part.largest == pytest.approx(shift, rel=1e-3)
    if shift > TOLERANCE:
        assert found.different[0].startswith("metrics.value[5]: stored ")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda result: result["differences"]["verdict"].__setitem__(0, "a_better"), "verdict[0]"),
        (lambda result: result["metrics"]["low"].__setitem__(0, None), "low[0]"),
        (lambda result: [column.pop() for column in result["counts"].values()], "counts"),
    ],
)
def test_changed_words_missing_numbers_and_rows_are_different(packed, tmp_path, change, where):
    bundle = rewritten(packed.full, tmp_path / "x.zip", with_result(change))
    assert any(where in one for one in verify(bundle).different)


def test_other_versions_are_named(packed, tmp_path, monkeypatch):
    monkeypatch.setattr(verifying.environment, "versions", lambda: {"python": "2.7"})
    found = verify(packed.full).versions
    assert found["python"][1] == "2.7"
    assert found["numpy"][1] == "none"


def test_the_command_packs_and_verifies(packed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(packed.folder)
    out = str(tmp_path / "mine.zip")
    words = ["bundle", "test/a.csv", "test/b.csv", "--reference", "test.csv", "--out", out]
    assert main([*words, "--replicates", "100", "--with-labels"]) == 0
    assert main([*words, "--replicates", "100"]) == 2
    assert "must be a new file" in capsys.readouterr().err
    assert main(["verify", out]) == 0
    assert "values are equal to the last bit" in capsys.readouterr().out

    def change(result):
        result["metrics"]["value"][0] = 0.123

    bundle = rewritten(out, tmp_path / "changed.zip", with_result(change))
    assert main(["verify", str(bundle)]) == 1
    assert "the result differs: metrics.value[0]: stored 0.123" in capsys.readouterr().err
