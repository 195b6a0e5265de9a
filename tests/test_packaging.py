"""What is declared is what is imported, and each command says which extra it needs."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import cxrcompare
from cxrcompare import exit_status, extras

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FRAMEWORKS = ("tensorflow", "jax", "torch")
USED = (
    "fast",
    "images",
    "training",
    *FRAMEWORKS,
    "parquet",
    "plots",
    "excel",
    "tensorboard",
    "card",
)
"""The extras that add to what the code can import; `dicom` adds decoders, which pydicom loads."""


def imported() -> set[str]:
    """Returns the top-level names of all packages that the sources import, anywhere in a module."""
    found: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"cxrcompare"}


def declared(*extras: str) -> set[str]:
    """Returns the distributions of the core or, where extras are named, of these and theirs."""
    lines = [line for extra in extras for line in EXTRAS[extra]] or PROJECT["dependencies"]
    found: set[str] = set()
    for one in map(Requirement, lines):
        found |= (
            declared(*one.extras) if one.name == "cxrcompare" else {canonicalize_name(one.name)}
        )
    return found


def distributions(modules: set[str]) -> Iterator[set[str]]:
    """Yields the distributions that a module may come from; its own name where none is there."""
    installed = metadata.packages_distributions()
    for module in sorted(modules):
        yield {canonicalize_name(name) for name in installed.get(module, [module])}


def test_all_that_the_sources_import_is_declared():
    known = declared() | declared(*USED)
    undeclared = [names for names in distributions(imported()) if not names & known]
    assert undeclared == []


@pytest.mark.parametrize("extras", [(), ("fast",), ("images",), ("training",)])
def test_all_that_is_declared_is_imported(extras):
    used = set().union(*distributions(imported()))
    assert declared(*extras) - used == set()


def test_comparing_needs_no_package_of_an_extra():
    assert declared() & declared(*USED, "dicom") == set()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_brings_what_training_needs(framework):
    assert declared(framework) > declared("training") > declared("images") > declared("fast")


def test_every_requirement_has_a_version_that_is_tested():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    for line in [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]:
        one = Requirement(line)
        if one.name != "cxrcompare":
            assert pinned[canonicalize_name(one.name)] in one.specifier, line


def without(folder: Path, modules: str, **variables: str) -> dict[str, str]:
    """Returns an environment where modules look uninstalled, to child processes too."""
    (folder / "site").mkdir(exist_ok=True)
    (folder / "site" / "sitecustomize.py").write_text(
        f"import sys\nsys.modules.update(dict.fromkeys({modules.split()!r}))\n"
    )
    path = os.pathsep.join([str(folder / "site"), str(ROOT / "src")])
    return {**os.environ, "PYTHONPATH": path, **variables}


def lacking(folder: Path, modules: str, *words: str, **variables: str) -> tuple[int, str, str]:
    """Runs the command line where modules look uninstalled."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cxrcompare", *words],
        cwd=folder,
        env=without(folder, modules, **variables),
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout, done.stderr


NO_FRAMEWORK = " ".join(FRAMEWORKS)
OPTIONAL = " ".join(name for names in extras.MODULES.values() for name in names)
ANY = "pip install 'cxrcompare[tensorflow]', 'cxrcompare[jax]' or 'cxrcompare[torch]'"
TRAIN = ["train", "resnet34", "--store", "none", "--out", "o"]


@pytest.mark.parametrize(
    ("absent", "words", "message"),
    [
        ("cv2", ["prepare", ".", "--out", "o"], "prepare` needs @ (cv2): @[images]'"),
        ("numba", ["sample", "--out", "o"], "sample` needs @ (numba): @[images]'"),
        ("cv2 PIL", ["sample", "--out", "o"], "sample` needs @ (PIL, cv2): @[images]'"),
        ("keras", TRAIN, "train` needs @ (keras): @[training]'"),
        ("xxhash keras", ["run"], "run` needs @ (xxhash, keras): @[training]'"),
        (NO_FRAMEWORK, TRAIN, f"train` needs @ (tensorflow, jax or torch): {ANY}"),
        (f"{NO_FRAMEWORK} h5py", ["run"], f"run` needs @ (h5py, tensorflow, jax or torch): {ANY}"),
        ("h5py", ["predict", "r", "i", "--out", "o"], "predict` needs @ (h5py): @[training]'"),
    ],
)
def test_a_command_without_its_extra_is_one_line_and_status_2(absent, words, message, tmp_path):
    needs = message.replace("@", "packages that are not installed", 1)
    expected = needs.replace("@", "pip install 'cxrcompare")
    status, out, err = lacking(tmp_path, absent, *words, KERAS_BACKEND="")
    assert (status, out, err) == (2, "", f"cxrcompare: `cxrcompare {expected}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("tensroflow", "KERAS_BACKEND must be tensorflow, jax or torch. Received: tensroflow"),
        (
            "jax",
            "KERAS_BACKEND=jax needs packages that are not installed (jax): "
            "pip install 'cxrcompare[jax]'",
        ),
    ],
)
def test_a_framework_that_is_not_there(chosen, message, tmp_path):
    pytest.importorskip("keras")
    result = lacking(tmp_path, "jax", *TRAIN, KERAS_BACKEND=chosen)
    assert result == (2, "", f"cxrcompare: {message}\n")


@pytest.mark.parametrize("words", [["--help"], ["train", "--help"], ["models"], ["datasets"]])
def test_help_and_lists_need_no_extra(words, tmp_path):
    status, out, err = lacking(tmp_path, OPTIONAL, *words)
    assert (status, err) == (0, "")
    assert out


PREPARE = """
import sys
from cxrcompare import datasets, exit_status
from cxrcompare.images.prepare import prepare
sys.exit(exit_status.run(lambda: prepare(datasets.read("folder", "data"), "store", workers=1)))
"""


def test_a_dicom_file_without_pydicom_ends_the_job_with_one_line(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/labels.csv").write_text("path,patient_id,Edema\na.png,p,1\nb.png,q,0\n")
    for name in ("a", "b"):
        (tmp_path / f"data/{name}.png").write_bytes(bytes(128) + b"DICM")
    environment = without(tmp_path, "pydicom")
    done = subprocess.run(
        [sys.executable, "-c", PREPARE],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "cxrcompare: a DICOM file needs packages that are not installed (pydicom): "
        "pip install 'cxrcompare[images]'\n"
    )


def test_a_package_that_another_module_misses_is_explained_too(capsys):
    def work() -> None:
        raise ModuleNotFoundError("No module named 'keras'", name="keras.layers")

    assert exit_status.run(work) == 2
    assert capsys.readouterr().err.endswith("(keras): pip install 'cxrcompare[training]'\n")


def test_a_module_of_this_program_that_is_missing_is_its_fault():
    def work() -> None:
        raise ModuleNotFoundError("No module named 'cxrcompare.nowhere'", name="cxrcompare.nowhere")

    with pytest.raises(ModuleNotFoundError, match="nowhere"):
        exit_status.run(work)


BROKEN = """
import sys
sys.path.insert(0, {!r})
from cxrcompare import exit_status
from cxrcompare.reporting.card.model_card import card
sys.exit(exit_status.run(lambda: card(None, None)))
"""


def test_a_broken_package_ends_a_card_in_one_line(tmp_path):
    package = tmp_path / "huggingface_hub"
    package.mkdir()
    (package / "__init__.py").write_text("import a_missing_package\n")
    done = subprocess.run(
        [sys.executable, "-c", BROKEN.format(str(tmp_path))], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("cxrcompare: the package a_missing_package cannot be imported (")
    assert done.stderr.count("\n") == 1


def test_the_modules_of_an_extra_are_those_it_declares():
    for extra, modules in extras.MODULES.items():
        included = {"images": "fast", "training": "images"} | dict.fromkeys(FRAMEWORKS, "training")
        own = declared(extra) - (declared(included[extra]) if extra in included else set())
        assert all(names & own for names in distributions(set(modules))), extra
        assert len(modules) == len(own - {"tensorflow-cpu"}), extra


def test_only_the_command_line_prints():
    printing = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            called = isinstance(node, ast.Call) and ast.unparse(node.func)
            if called in ("print", "sys.stdout.write", "sys.stderr.write"):
                printing.add(path.relative_to(ROOT / "src/cxrcompare").as_posix())
    assert printing == {"cli/output.py", "exit_status.py", "progress.py"}


@pytest.fixture(scope="module")
def bare() -> Iterator[Path]:
    """Gives the programs of an environment that `pip install cxrcompare` made, no extra in it."""
    with tempfile.TemporaryDirectory(prefix="cxrcompare-bare-") as folder:
        programs = Path(folder) / ("Scripts" if os.name == "nt" else "bin")
        venv.create(folder, with_pip=True)
        pip = [str(programs / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        reached = ran(*pip, "download", "--no-deps", "--dest", folder, "hatchling", cwd=folder)
        if reached.returncode:
            pytest.skip(f"no package index: {reached.stderr.strip().splitlines()[-1:]}")
        pinned = str(ROOT / "constraints.txt")
        words = ("install", "--no-compile", "--constraint", pinned)
        done = ran(*pip, *words, str(ROOT), cwd=folder)
        assert done.returncode == 0, done.stderr
        yield programs


def ran(*words: str, cwd: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a program without the environment variables of the tests."""
    ours = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "KERAS_BACKEND")
    environment = {key: value for key, value in os.environ.items() if key not in ours}
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True)


def write_table(path: Path, values: np.ndarray) -> None:
    lines = [f"s{row},p{row // 2},{a:.3f},{b:.3f}" for row, (a, b) in enumerate(values)]
    header = "study_id,patient_id,Edema,Cardiomegaly"
    path.write_text("\n".join([header, *lines, ""]))


def test_the_version_is_in_one_place():
    assert PROJECT["dynamic"] == ["version"]
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {cxrcompare.__version__}\n" in cited
    assert f"\n## {cxrcompare.__version__} " in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_archives_are_small_and_the_same_each_time(tmp_path):
    built = []
    for name in ("first", "second"):
        out = tmp_path / name
        done = ran(sys.executable, "-m", "hatchling", "build", "-d", str(out), cwd=ROOT)
        assert done.returncode == 0, done.stderr
        built.append({path.name: path.read_bytes() for path in out.iterdir()})
    assert built[0] == built[1]
    names = {name.partition(cxrcompare.__version__)[2] for name in built[0]}
    assert names == {"-py3-none-any.whl", ".tar.gz"}
    wheel = next(path for path in (tmp_path / "first").glob("*.whl"))
    assert wheel.stat().st_size < 2e6
    with zipfile.ZipFile(wheel) as archive:
        inside = archive.namelist()
    assert "cxrcompare/py.typed" in inside
    assert "cxrcompare/reporting/template/report.html" in inside
    assert {name.split("/")[0].partition("-")[0] for name in inside} == {"cxrcompare"}


@pytest.mark.slow
def test_the_core_alone_compares_and_says_what_else_it_lacks(bare, tmp_path):
    absent = ran(
        str(bare / "python"),
        "-c",
        "import importlib.util, sys\n"
        f"print([name for name in {OPTIONAL.split()} if importlib.util.find_spec(name)])",
        cwd=tmp_path,
    )
    assert absent.stdout == "[]\n"
    rng = np.random.default_rng(0)
    labels = (rng.random((80, 2)) < 0.4).astype(float)
    write_table(tmp_path / "labels.csv", labels)
    for name, noise in (("good", 0.3), ("poor", 1.0)):
        score = labels + noise * rng.normal(size=labels.shape)
        write_table(tmp_path / f"{name}.csv", 1 / (1 + np.exp(-score)))
    program = str(bare / "cxrcompare")
    words = ["compare", "good.csv", "poor.csv", "--reference", "labels.csv", "--out", "out"]
    compared = ran(program, *words, "--replicates", "200", cwd=tmp_path)
    assert compared.returncode == 0, compared.stderr
    assert compared.stderr.count("numba is not installed") == 1
    report = tmp_path / "out/report.html"
    assert "good" in report.read_text(encoding="utf-8")
    report.unlink()
    again = ran(program, "report", "out", cwd=tmp_path)
    assert (again.returncode, again.stderr) == (0, "report: out/report.html\n")
    assert report.exists()
    for one in (["--help"], ["models"], ["datasets"], ["predict", "--help"]):
        assert ran(program, *one, cwd=tmp_path).returncode == 0
    for one, advice in (
        (["prepare", ".", "--out", "o"], "pip install 'cxrcompare[images]'"),
        (["sample", "--out", "o"], "pip install 'cxrcompare[images]'"),
        (["run", "--out", "o"], ANY),
        (["predict", "run", "images", "--out", "o"], ANY),
        (TRAIN, ANY),
    ):
        refused = ran(program, *one, cwd=tmp_path)
        assert refused.returncode == 2
        assert len(refused.stderr.splitlines()) == 1
        assert refused.stderr.endswith(f": {advice}\n")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the size is stated for Linux")
def test_the_size_of_the_core_is_the_one_that_is_stated(bare):
    text = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    stated = float(re.search(r"the installation takes (\d+) MB on disk", text)[1])
    bytecode = float(re.search(r"(\d+) MB of it are compiled\s+bytecode", text)[1])
    (packages,) = (bare.parent / "lib").glob("python3*/site-packages")
    tools = ("pip", "setuptools", "pkg_resources", "_distutils")
    blocks = sum(
        path.stat().st_blocks
        for folder in packages.iterdir()
        if not folder.name.startswith(tools)
        for path in (folder, *folder.rglob("*"))
        if "__pycache__" not in path.parts
    )
    assert blocks * 512 / 2**20 == pytest.approx(stated - bytecode, rel=0.1)


TOUR = """
import cxrcompare as cxr

c = cxr.compare({"good": "good.csv", "poor": "poor.csv"}, "labels.csv", replicates=200)
print(c.verdict("good", "poor").verdict)
c.cite("paper")
cxr.load(c.save("out")).to_html("report.html")
"""


@pytest.mark.slow
def test_the_installed_wheel_compares_from_python(bare, tmp_path):
    rng = np.random.default_rng(0)
    labels = (rng.random((80, 2)) < 0.4).astype(float)
    write_table(tmp_path / "labels.csv", labels)
    for name, noise in (("good", 0.3), ("poor", 1.0)):
        score = labels + noise * rng.normal(size=labels.shape)
        write_table(tmp_path / f"{name}.csv", 1 / (1 + np.exp(-score)))
    done = ran(str(bare / "python"), "-c", TOUR, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "better\n"), done.stderr
    assert (tmp_path / "paper/references.bib").stat().st_size > 1000
