"""The public interface: lazy, listed, and typed for the code of users."""

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import cxrcompare as cxr

ROOT = Path(__file__).parents[2]
HEAVY = [
    "numpy",
    "pandas",
    "scipy",
    "sklearn",
    "numba",
    "pydantic",
    "matplotlib",
    "keras",
    "tensorflow",
    "jax",
    "torch",
    "cv2",
]


def python(code):
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_importing_loads_no_other_library():
    code = "import sys, cxrcompare; print(*sys.modules)"
    loaded = {name.split(".")[0] for name in python(code)}
    assert loaded.isdisjoint(HEAVY)


def test_comparing_loads_no_framework_and_no_matplotlib():
    code = (
        "import sys, cxrcompare as c; c.compare, c.auroc, c.train, c.predict; print(*sys.modules)"
    )
    loaded = {name.split(".")[0] for name in python(code)}
    assert loaded.isdisjoint({"matplotlib", "keras", "tensorflow", "jax", "torch", "cv2"})


def test_every_public_name_exists_and_is_documented():
    assert sorted(cxr.__all__) == cxr.__all__
    assert dir(cxr) == cxr.__all__
    for name in cxr.__all__:
        found = getattr(cxr, name)
        if name != "__version__":
            assert inspect.getdoc(found), name
            for other in () if inspect.isclass(found) else inspect.signature(found).parameters:
                assert not other.startswith("_")


def test_star_import_gives_the_public_names():
    names = {}
    exec("from cxrcompare import *", names)
    assert set(cxr.__all__) <= set(names)


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'comparre'"):
        cxr.comparre  # noqa: B018


def test_packages_can_be_imported_as_before():
    assert importlib.import_module("cxrcompare.predictions").Predictions is cxr.Predictions


def test_the_reference_page_has_every_public_name():
    page = (ROOT / "docs/reference/python.md").read_text(encoding="utf-8")
    listed = {line.removeprefix("::: cxrcompare.") for line in page.splitlines() if ":::" in line}
    assert listed == set(cxr.__all__) - {"__version__"}


USER = """
import cxrcompare as cxr
import numpy as np
import pandas as pd

frame = pd.DataFrame({"study_id": ["a"], "Edema": [0.5]})
found = cxr.compare({"a": frame, "b": "b.csv", "c": {"ids": ["a"], "Edema": np.ones(1)}}, frame)
table: pd.DataFrame = found.metrics
estimate = cxr.auroc([0, 1], np.ones(2), groups=["p", "q"])
value: float = estimate.value
reveal_type(found)
reveal_type(cxr.delong_test([0, 1], [0.1, 0.2], [0.3, 0.4]).p_value)
reveal_type(cxr.read_predictions("a.csv").values)
reveal_type(cxr.verify("bundle.zip"))
"""
WRONG = """
import cxrcompare as cxr

cxr.compare({}, "reference.csv", replicates="many")
cxr.compare({}, "reference.csv", correction="bonferoni")
cxr.auroc([0, 1])
cxr.load("out").metrix
cxr.comparre
cxr.net_benefit([0, 1], [0.1, 0.2])
"""


STRICT = """
[[tool.mypy.overrides]]
module = ["user", "wrong"]
disallow_any_generics = true
disallow_untyped_calls = true
disallow_untyped_decorators = true
warn_return_any = true
"""


@pytest.mark.slow
def test_code_of_users_is_type_checked(tmp_path):
    for name, code in (("user", USER), ("wrong", WRONG)):
        (tmp_path / f"{name}.py").write_text(code)
    # The settings and the folder of the linter, so that its cache holds for this test.
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8") + STRICT
    (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
    words = [f"--config-file={tmp_path}/pyproject.toml", "--no-pretty", f"{tmp_path}/user.py"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *words, f"{tmp_path}/wrong.py"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"MYPYPATH": "src", "PATH": ""},
    )
    found = [line.removeprefix(f"{tmp_path}/") for line in done.stdout.splitlines()]
    lines = [line for line in found if line.startswith("user.py")]
    assert [line for line in lines if "error" in line] == []
    assert "cxrcompare.api.comparisons.comparison_result.ComparisonResult" in lines[0]
    assert '"float"' in lines[1]
    assert "ndarray" in lines[2]
    assert "cxrcompare.comparison.bundle.verifying.Verification" in lines[3]
    wrong = [line for line in found if line.startswith("wrong.py")]
    assert done.returncode == 1
    assert {int(line.split(":")[1]) for line in wrong if "error" in line} == {4, 5, 6, 7, 8, 9}


def test_the_package_is_marked_as_typed():
    assert (ROOT / "src/cxrcompare/py.typed").is_file()
