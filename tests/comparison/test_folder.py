"""The folder that `compare` and `report` write: theirs alone, of one comparison, whole."""

import shutil
import subprocess
import sys

import pytest

from cxrcompare.cli.commands import main
from cxrcompare.filesystem import manifests

FEW = ["--replicates", "100"]


@pytest.fixture
def command(bench, tmp_path):
    def words(*models, out=tmp_path / "out", more=()):
        paths = [str(bench.model(name, 0.5)) for name in models]
        reference = str(bench.standard())
        return ["compare", *paths, "--reference", reference, "--out", str(out), *FEW, *more]

    return words


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def last_line(capsys):
    err = capsys.readouterr().err.splitlines()
    assert not [line for line in err if "Traceback" in line]
    return err[-1]


def test_nothing_of_an_earlier_comparison_stays(command, tmp_path):
    assert main(command("a", "b", more=["--margin", "0.05"])) == 0
    out = tmp_path / "out"
    assert (out / "non_inferiority.csv").is_file()
    assert (out / "multilabel_confusion" / "b.csv").is_file()
    assert main(command("a")) == 0
    left = tree(out)
    assert "non_inferiority.csv" not in left
    assert [name for name in left if name.startswith("multilabel_confusion/")] == [
        "multilabel_confusion/a.csv"
    ]
    assert set(manifests.read(out).files) | {"manifest.json"} == set(left)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "references", "test"]


@pytest.mark.parametrize("name", ["metrics.csv", "figures/my.svg", "tables/thesis.tex", "x/y"])
@pytest.mark.parametrize("earlier", [False, True])
def test_compare_and_report_touch_no_file_of_the_user(command, tmp_path, capsys, name, earlier):
    out = tmp_path / "out"
    if earlier:
        assert main(command("a")) == 0
        shutil.rmtree(out / "tables")  # files of ours that are gone are in nobody's way
        (out / "metrics.csv").unlink()
        name = f"{name}.bak"
    mine = out / name
    mine.parent.mkdir(parents=True, exist_ok=True)
    mine.write_text("mine")
    before = tree(out)
    for words in (command("a", "b"), ["report", str(out)]):
        capsys.readouterr()
        assert main(words) == 2
        assert f"Received: a folder with {name.split('/')[0]}" in last_line(capsys)
        assert tree(out) == before


def test_compare_and_report_follow_no_link(command, tmp_path, capsys):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    assert main(command("a")) == 0
    shutil.move(out / "figures", elsewhere)
    (out / "figures").symlink_to(elsewhere)
    (tmp_path / "link").symlink_to(out)
    before = tree(elsewhere)
    for words, message in (
        (command("b"), "the symbolic link figures"),
        (["report", str(out)], "the symbolic link figures"),
        (command("b", out=tmp_path / "link"), "Received: a symbolic link"),
        (["report", str(tmp_path / "link")], "Received: a symbolic link"),
    ):
        capsys.readouterr()
        assert main(words) == 2
        assert message in last_line(capsys)
    assert tree(elsewhere) == before


def test_report_replaces_its_own_files_and_keeps_the_others(command, tmp_path):
    out = tmp_path / "out"
    assert main(command("a", "b")) == 0
    before = tree(out)
    (out / "report.md").write_text("edited")
    (out / "tables" / "ranks.tex").unlink()
    assert main(["report", str(out)]) == 0
    assert tree(out) == before


def test_report_takes_a_comparison_json_that_is_alone(command, tmp_path, capsys):
    out, alone = tmp_path / "out", tmp_path / "alone"
    assert main(command("a", "b")) == 0
    alone.mkdir()
    shutil.copy(out / "comparison.json", alone)
    for _ in range(2):
        assert main(["report", str(alone)]) == 0
        assert (alone / "report.html").read_bytes() == (out / "report.html").read_bytes()
        assert (alone / "comparison.json").read_bytes() == (out / "comparison.json").read_bytes()
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "comparison.json").write_text("{}")
    capsys.readouterr()
    assert main(["report", str(broken)]) == 2
    assert "must be a comparison.json" in last_line(capsys)
    assert tree(broken) == {"comparison.json": b"{}"}


def test_a_comparison_that_fails_leaves_the_earlier_one(command, tmp_path, capsys):
    assert main(command("a", "b")) == 0
    before = tree(tmp_path / "out")
    assert main(command("prevalence")) == 2  # a name that is taken
    assert "prevalence" in last_line(capsys)
    assert tree(tmp_path / "out") == before
    assert main(command("prevalence", out=tmp_path / "x" / "new")) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "references", "test"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of resources")
def test_a_write_that_fails_names_the_file_and_leaves_the_earlier_comparison(command, tmp_path):
    assert main(command("a", "b")) == 0
    before = tree(tmp_path / "out")
    code = (
        "import resource, signal, sys\n"
        "from cxrcompare.cli.commands import main\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "sys.dont_write_bytecode = True\n"
        "for most in (30_000, 2_000, 100):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))\n"
        "    assert main(sys.argv[1:]) == 1\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command("a", "c")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    messages = [line for line in done.stderr.splitlines() if line.endswith(": File too large")]
    assert len(messages) == 3
    assert all(line.startswith(f"cxrcompare: {tmp_path / 'out'}/") for line in messages)
    assert tree(tmp_path / "out") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "references", "test"]


def test_a_long_name_does_not_fail_after_the_computing(command, tmp_path):
    assert main(command("n" * 251, "m" * 251)) == 0
    assert main(["report", str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out" / "multilabel_confusion").iterdir())) == 2
