"""Tests of the command line: arguments in, output lines and an exit status out."""

import json
import subprocess
import sys

import pytest

from cxrcompare.cli.commands import main
from cxrcompare.filesystem import output_checks

COMMANDS = (
    "run",
    "prepare",
    "train",
    "predict",
    "sample",
    "compare",
    "doctor",
    "report",
    "cite",
    "bundle",
    "card",
    "verify",
    "models",
    "datasets",
    "schema",
)


def lines(capsys):
    captured = capsys.readouterr()
    return captured.out.splitlines(), captured.err.splitlines()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    out, _ = lines(capsys)
    assert out[0].startswith(f"usage: cxrcompare {command}")


@pytest.mark.parametrize("words", [["--help"], ["run", "--help"], ["compare", "--help"]])
def test_help_imports_no_framework_and_no_statistics(words):
    code = (
        "import sys; from cxrcompare.cli.commands import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "heavy = {'keras', 'tensorflow', 'jax', 'torch', 'pandas', 'numpy', 'scipy', 'pydantic'}\n"
        "sys.exit(','.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_importing_the_package_imports_no_framework():
    code = (
        "import sys, cxrcompare, cxrcompare.predictions, cxrcompare.comparison.compare\n"
        "import cxrcompare.reporting.report, cxrcompare.experiment, cxrcompare.models\n"
        "sys.exit(','.join({'keras', 'tensorflow', 'jax', 'torch'} & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "required: COMMAND"),
        (["runn"], "invalid choice: 'runn'"),
        (["run", "--seeds", "0,x"], "--seeds: must be whole numbers separated by commas"),
        (["run", "--seed", "0"], "unrecognized arguments: --seed (see cxrcompare run --help)"),
        (
            ["compare", "a.csv", "--reference", "b.csv", "--out", "o", "--nosuch"],
            "unrecognized arguments: --nosuch (see cxrcompare compare --help)",
        ),
        (["--nosuch", "models"], "unrecognized arguments: --nosuch (see cxrcompare --help)"),
        (["run", "--models", "resnet35"], "`models`: must be one of "),
        (["run", "--image-size", "7"], "--image-size: must be a whole number, from 32 to 2048"),
        (["run", "nothing.toml"], "nothing.toml: must be a file. Received: no such file"),
        (["run", "--data", "no-such-folder"], "no-such-folder"),
        (["prepare", "no-such-folder", "--out", "store"], "no-such-folder"),
        (["prepare", ".", "--out", "s", "--preview", "-4"], "--preview: must be a whole number, 1"),
        (["compare", "a.csv", "--reference", "no-such.csv", "--out", "o"], ".csv"),
        (["report", "no-such-folder"], "no-such-folder"),
        (["cite", "no-such-folder", "--out", "kit"], "no-such-folder"),
        (["card", "no-such-run"], "must be the folder of a finished run"),
        (["verify", "no-such-file.zip"], "no-such-file.zip"),
        (["train", "resnet34", "--store", "no-such-store", "--out", "o"], "no-such-store"),
        (["predict", "no-such-run", "x.png", "--out", "o.csv"], "no-such-run"),
        (["sample", "--out", "s", "--images", "-5"], "images"),
    ],
)
def test_wrong_input_is_one_line_and_status_2(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    out, err = lines(capsys)
    assert out == []
    assert len(err) == 1
    assert err[0].startswith("cxrcompare: ")
    assert message in err[0]


OUTPUTS = {
    "run": ["run"],
    "prepare": ["prepare", "none"],
    "train": ["train", "resnet34", "--store", "none"],
    "predict": ["predict", "none", "none"],
    "sample": ["sample", "--images", "20", "--size", "32"],
    "compare": ["compare", "none.csv", "--reference", "none.csv"],
}


@pytest.mark.parametrize("command", OUTPUTS)
@pytest.mark.parametrize("out", ["taken", "taken/below", "/proc/none/out", "link"])
def test_an_output_that_cannot_be_written_is_refused_before_any_work(
    command, out, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir() if command == "predict" else (tmp_path / "taken").write_text("")
    (tmp_path / "link").symlink_to("nowhere/none")
    if command == "predict" and out in ("taken/below", "link"):
        out = "/proc/none"
    assert main([*OUTPUTS[command], "--out", out]) == 2
    kind = "file" if command == "predict" else "folder"
    message = f"cxrcompare: `--out` must be a {kind} that can be written. Received: {out} ("
    _, err = lines(capsys)
    assert len(err) == 1
    assert err[0].startswith(message)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "taken"]


def test_an_output_that_can_be_written_is_not_made_by_the_check(tmp_path):
    output_checks.check_writable(tmp_path / "a" / "b")
    output_checks.check_writable(tmp_path / "a" / "b.csv", file=True)
    output_checks.check_writable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_training_refuses_a_folder_of_the_user(capsys, tmp_path):
    words = ["train", "resnet34", "--store", str(tmp_path / "none"), "--out", str(tmp_path / "o")]
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "mine.csv").write_text("a,b\n")
    assert main(words) == 2
    assert "must be a new or empty folder" in lines(capsys)[1][0]
    (tmp_path / "o" / "config.json").write_text('{"store_content_hash": ""}')
    assert main(words) == 2
    assert "Received: a folder with mine.csv" in lines(capsys)[1][0]
    assert sorted(path.name for path in (tmp_path / "o").iterdir()) == ["config.json", "mine.csv"]
    (tmp_path / "o" / "mine.csv").unlink()
    (tmp_path / "o" / "config.json").write_text('{"architectures": ["another program\'s"]}')
    assert main(words) == 2
    assert "Received: a folder with config.json and no config.json or" in lines(capsys)[1][0]
    (tmp_path / "o" / "config.json").write_text('{"store_content_hash": ""}')
    assert main(words) == 2
    assert "must be a finished image store" in lines(capsys)[1][0]


@pytest.mark.parametrize("mine", ["checkpoint/mine.txt", "predictions/my.csv"])
@pytest.mark.parametrize("link", [False, True])
def test_a_training_refuses_files_of_the_user_in_its_folders(capsys, tmp_path, mine, link):
    path = tmp_path / "o" / mine
    path.parent.mkdir(parents=True)
    (tmp_path / "target").write_text("mine")
    if link:
        path = path.with_name("last.npz" if "checkpoint" in mine else "test.csv")
        path.symlink_to(tmp_path / "target")
    else:
        path.write_text("mine")
    for name in ("config.json", "summary.json"):
        (tmp_path / "o" / name).write_text('{"store_content_hash": ""}')
    words = ["train", "resnet34", "--store", str(tmp_path / "none"), "--out", str(tmp_path / "o")]
    assert main(words) == 2
    assert f"a folder with {path.relative_to(tmp_path / 'o').as_posix()}" in lines(capsys)[1][0]
    assert path.read_text() == "mine"


@pytest.mark.parametrize("input", ["a.csv", "--reference", "--validation", "--subgroups"])
def test_compare_does_not_replace_the_folder_of_its_input(capsys, tmp_path, monkeypatch, input):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "o").mkdir()
    (tmp_path / "o" / "mine.csv").write_text("a,b\n")
    listed = {"format": 1, "written_by": "cxrcompare", "kind": "comparison"}
    manifest = tmp_path / "o" / "manifest.json"
    manifest.write_text(json.dumps({**listed, "files": {"mine.csv": 4}}))
    (tmp_path / "inner").symlink_to("o")
    for name in ("a.csv", "r.csv"):
        (tmp_path / name).touch()
    words = ["compare", "a.csv", "--reference", "r.csv", "--out", "o"]
    if input in words:
        words[words.index(input) + (input == "--reference")] = "inner/mine.csv"
    else:
        words += [input, "inner/mine.csv"]
    assert main(words) == 2
    assert (
        "`--out` must not contain an input. Received: o, with inner/mine.csv" in lines(capsys)[1][0]
    )
    assert (tmp_path / "o" / "mine.csv").read_text() == "a,b\n"


@pytest.mark.parametrize("below", ["x.csv", "in/new.csv", "link.csv", "dangling.csv"])
def test_predict_replaces_no_file(capsys, tmp_path, monkeypatch, below):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    for name in ("x.csv", "in/new.csv", "target"):
        (tmp_path / name).write_text("mine")
    (tmp_path / "link.csv").symlink_to("target")
    (tmp_path / "dangling.csv").symlink_to("nowhere")
    for given in (below, f"in/../{below}"):
        assert main(["predict", "no-run", below, "--out", given]) == 2
        _, err = lines(capsys)
        assert err == [
            f"cxrcompare: `--out` must be a new file. Received: {given}, which exists already"
        ]
    assert {path.read_text() for path in tmp_path.rglob("*") if path.is_file()} == {"mine"}
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("command", OUTPUTS)
@pytest.mark.parametrize("out", ["n" * 256, "new/" + "n" * 256])
def test_an_invalid_file_name_is_refused_before_any_work(
    command, out, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert main([*OUTPUTS[command], "--out", out]) == 2
    assert "must be a f" in lines(capsys)[1][0]
    assert list(tmp_path.iterdir()) == []


FOREIGN = {
    "run": ["run", "--models", "resnet34"],
    "train": ["train", "resnet34", "--store", "none"],
    "sample": ["sample", "--images", "20", "--size", "32"],
    "compare": ["compare", "none.csv", "--reference", "none.csv"],
}


@pytest.mark.parametrize("command", FOREIGN)
@pytest.mark.parametrize("held", ["thesis.tex", "config.json", "figures/my.svg", "link", "itself"])
def test_a_folder_of_the_user_is_refused_before_any_work(
    command, held, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "none.csv").touch()
    (tmp_path / "o").mkdir()
    (tmp_path / "elsewhere").mkdir()
    if held == "link":
        (tmp_path / "o" / "link").symlink_to(tmp_path / "elsewhere")
    elif held == "itself":
        (tmp_path / "o").rmdir()
        (tmp_path / "o").symlink_to("elsewhere")
    else:
        (tmp_path / "o" / held).parent.mkdir(exist_ok=True)
        (tmp_path / "o" / held).write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    assert main([*FOREIGN[command], "--out", "o"]) == 2
    _, err = lines(capsys)
    assert len(err) == 1
    assert "must be a new or empty folder" in err[0]
    assert ("a symbolic link" if held == "itself" else held.split("/")[0]) in err[0]
    assert sorted(tmp_path.rglob("*")) == before


def test_an_experiment_refuses_folders_of_the_user(capsys, tmp_path):
    words = ["run", "--models", "resnet34", "--out", str(tmp_path)]
    (tmp_path / "experiment.json").write_text('{"models": []}')
    for name, inner in (("resnet34__seed0", "mine.csv"), ("comparison", "thesis.tex")):
        (tmp_path / name).mkdir()
        (tmp_path / name / inner).write_text("mine")
        assert main(words) == 2
        assert f"a folder with {inner}" in lines(capsys)[1][0]
        (tmp_path / name / inner).unlink()
    assert (tmp_path / "experiment.json").read_text() == '{"models": []}'


def test_an_error_of_the_system_is_a_line_with_the_file(capsys, monkeypatch):
    def full():
        raise OSError(28, "No space left on device", "out/metrics.csv")

    monkeypatch.setattr("cxrcompare.datasets.describe", full)
    assert main(["datasets"]) == 1
    assert lines(capsys)[1] == ["cxrcompare: out/metrics.csv: No space left on device"]


def test_an_interruption_reports_that_the_same_command_continues(capsys, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("cxrcompare.datasets.describe", interrupted)
    assert main(["datasets"]) == 130
    assert "to continue" in lines(capsys)[1][0]


@pytest.mark.parametrize(
    ("command", "expected"),
    [("models", "resnet34"), ("datasets", "chexpert"), ("models", "mobilenet")],
)
def test_lists_have_one_line_each(command, expected, capsys):
    assert main([command]) == 0
    out, _ = lines(capsys)
    assert [line for line in out if line.split()[0] == expected]
    assert len({line.split()[0] for line in out}) == len(out)


def test_compare_takes_a_title_and_the_name_of_the_data(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = "".join(f"s{n},{n % 2},{n % 2}\n" for n in range(60))
    (tmp_path / "labels.csv").write_text("study_id,Edema,Mass\n" + rows)
    for name, shift in (("a", 3), ("b", 7)):
        scores = "".join(f"s{n},{(n * shift) % 11 / 11},0.{n % 9}\n" for n in range(60))
        (tmp_path / f"{name}.csv").write_text("study_id,Edema,Mass\n" + scores)
    words = ["compare", "a.csv", "b.csv", "--reference", "labels.csv", "--replicates", "100"]
    assert main([*words, "--title", "Our <b>", "--data-name", "Ours & more", "--out", "out"]) == 0
    protocol = json.loads((tmp_path / "out" / "comparison.json").read_text())["protocol"]
    assert (protocol["title"], protocol["data"]) == ("Our <b>", "Ours & more")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<h1>Our &lt;b&gt;</h1>" in page
    assert "Ours &amp; more" in page
