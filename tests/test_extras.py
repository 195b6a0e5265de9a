"""Tests of optional packages: which are missing, and how they are installed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cxrcompare import exit_status, extras
from cxrcompare.errors import InputError

Installed = Callable[..., None]


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installed:
    """Returns a function after which only the named optional packages can be found."""

    def arrange(*names: str) -> None:
        for name in names:
            (tmp_path / name).mkdir()
            (tmp_path / name / "__init__.py").touch()
        modules = {name for one in extras.MODULES.values() for name in one}
        for name in modules & set(sys.modules):
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.setattr(sys, "path", [str(tmp_path)])

    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    return arrange


IMAGES = (*extras.MODULES["fast"], *extras.MODULES["images"])
TRAINING = (*IMAGES, *extras.MODULES["training"])


def test_nothing_is_said_where_nothing_is_missing(installed):
    installed(*IMAGES)
    extras.need("`x`", "images")
    extras.need("`x`")


def test_the_missing_packages_and_the_last_extra_are_named(installed):
    installed("PIL", "cv2", "xxhash", "keras")
    with pytest.raises(extras.MissingError) as caught:
        extras.need("`cxrcompare train`", "images", "training")
    assert str(caught.value) == (
        "`cxrcompare train` needs packages that are not installed (pydicom, simplejpeg, h5py): "
        "pip install 'cxrcompare[training]'"
    )
    assert isinstance(caught.value, InputError)


def test_a_folder_that_an_uninstalled_package_left_is_no_package(installed, tmp_path):
    installed(*IMAGES)
    (tmp_path / "cv2/__init__.py").unlink()
    with pytest.raises(extras.MissingError, match=r"\(cv2\)"):
        extras.need("`x`", "images")


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        (("torch",), "torch"),
        (("jax", "torch"), "jax"),
        (("tensorflow", "jax", "torch"), "tensorflow"),
    ],
)
def test_the_first_framework_that_is_installed_is_taken(installed, there, expected):
    installed(*there)
    assert extras.framework() == expected


def test_the_framework_that_the_user_chooses_comes_first(installed, monkeypatch):
    installed("tensorflow", "torch")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert extras.framework() == "torch"
    monkeypatch.setenv("KERAS_BACKEND", "")
    assert extras.framework() == "tensorflow"


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ("", "training needs packages that are not installed (tensorflow, jax or torch): "),
        ("jax", "KERAS_BACKEND=jax needs packages that are not installed (jax): "),
        ("JAX", "KERAS_BACKEND must be tensorflow, jax or torch. Received: JAX"),
        ("openvino", "KERAS_BACKEND must be tensorflow, jax or torch. Received: openvino"),
    ],
)
def test_a_framework_that_is_missing_or_unknown_is_one_line(
    installed, monkeypatch, chosen, message
):
    installed()
    monkeypatch.setenv("KERAS_BACKEND", chosen)
    with pytest.raises(InputError) as caught:
        extras.framework()
    assert str(caught.value).startswith(message)


def test_training_needs_images_keras_and_a_framework(installed):
    installed(*TRAINING, "jax")
    extras.need_training("`x`")


@pytest.mark.parametrize(
    ("there", "named", "command"),
    [
        ((*TRAINING,), "tensorflow, jax or torch", "pip install 'cxrcompare[tensorflow]', "),
        ((*IMAGES, "h5py"), "keras, tensorflow, jax or torch", "'cxrcompare[jax]' or "),
        ((*IMAGES, "h5py", "jax"), "keras", "pip install 'cxrcompare[training]'"),
    ],
)
def test_all_that_training_lacks_is_named_at_once(installed, there, named, command):
    installed(*there)
    with pytest.raises(extras.MissingError) as caught:
        extras.need_training("`x`")
    assert f"`x` needs packages that are not installed ({named}): " in str(caught.value)
    assert command in str(caught.value)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        (
            "cv2",
            "this needs packages that are not installed (cv2): pip install 'cxrcompare[images]'",
        ),
        ("keras.layers", "(keras): pip install 'cxrcompare[training]'"),
        ("pyarrow.parquet", "(pyarrow): pip install 'cxrcompare[parquet]'"),
        ("torch", "(torch): pip install 'cxrcompare[torch]'"),
    ],
)
def test_a_failed_import_is_explained(module, line):
    explained = extras.explained(ModuleNotFoundError(f"No module named {module!r}", name=module))
    assert str(explained).endswith(line)


@pytest.mark.parametrize("name", ["cxrcompare.nowhere", "", None, "json.nowhere"])
def test_a_failed_import_of_this_program_is_not_explained(name):
    assert extras.explained(ModuleNotFoundError("x", name=name)) is None


@pytest.mark.parametrize(
    "error",
    [
        ImportError("cannot import name 'EvalResult'", name="huggingface_hub.repocard"),
        ModuleNotFoundError("No module named 'httpx'", name="httpx"),
    ],
)
def test_a_broken_package_is_named_with_the_reason(error):
    line = str(extras.explained(error))
    assert f"the package {error.name.split('.')[0]} cannot be imported ({error})" in line
    assert "--force-reinstall" in line
    assert "not installed" not in line


@pytest.mark.parametrize(
    ("names", "command"),
    [
        (("jax",), "pip install 'cxrcompare[jax]'"),
        (("jax", "torch"), "pip install 'cxrcompare[jax]' or 'cxrcompare[torch]'"),
        (("a", "b", "c"), "pip install 'cxrcompare[a]', 'cxrcompare[b]' or 'cxrcompare[c]'"),
    ],
)
def test_the_command_that_installs(names, command):
    assert extras.install(*names) == command


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("raise AttributeError('numpy has no attribute bool8')", "AttributeError: numpy has no"),
        ("def broken(:", "SyntaxError"),
        ("from . import inner", "RuntimeError: built for another version"),
    ],
)
def test_a_broken_package_ends_a_command_in_one_line(installed, tmp_path, capsys, content, reason):
    installed("huggingface_hub")
    (tmp_path / "huggingface_hub" / "__init__.py").write_text(content)
    (tmp_path / "huggingface_hub" / "inner.py").write_text(
        "raise RuntimeError('built for another version\\nof NumPy')"
    )

    def work() -> None:
        from huggingface_hub import ModelCardData  # noqa: F401

    assert exit_status.run(work) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"cxrcompare: huggingface_hub is installed but cannot be imported ({reason}"
    )
    assert line.endswith("pip install 'cxrcompare[card]' --force-reinstall")


def test_an_error_of_this_program_is_not_blamed_on_a_package(capsys):
    def work() -> None:
        raise AttributeError("a bug")

    with pytest.raises(AttributeError):
        exit_status.run(work)
