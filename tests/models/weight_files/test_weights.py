"""Tests of weight files: found by name, read without running code, refused with one line."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.models.weight_files.weights import find_weights, read_h5


@pytest.mark.parametrize(
    ("network", "file"),
    [
        ("mobilenet", "mobilenet_1_0_224_tf_no_top.h5"),
        ("mobilenetv2", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"),
        ("mobilenetv3small", "weights_mobilenet_v3_small_224_1.0_float_no_top_v2.h5"),
        ("resnet50", "resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("resnet50v2", "resnet50v2_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("densenet121", "densenet121_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("efficientnetv2b0", "efficientnetv2-b0_notop.h5"),
        ("efficientnetb0", "efficientnetb0_notop.h5"),
        ("convnexttiny", "convnext_tiny_notop.h5"),
        ("inceptionv3", "inception_v3_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        ("nasnetmobile", "nasnet_mobile_no_top.h5"),
        ("vgg16", "VGG16.H5"),
    ],
)
def test_each_file_belongs_to_one_network(network: str, file: str, tmp_path: Path) -> None:
    from cxrcompare import models

    (tmp_path / file).touch()
    assert [name for name in models.names() if find_weights(name, tmp_path)] == [network]
    assert find_weights(network, tmp_path) == tmp_path / file


def test_without_a_classifier_comes_first(tmp_path: Path) -> None:
    for name in ("resnet50_a.h5", "resnet50_weights_notop.h5", "resnet50.txt"):
        (tmp_path / name).touch()
    assert find_weights("resnet50", tmp_path) == tmp_path / "resnet50_weights_notop.h5"


def test_a_folder_without_weights_and_a_missing_folder(tmp_path: Path) -> None:
    assert find_weights("resnet34", tmp_path) is None
    with pytest.raises(InputError, match="folder"):
        find_weights("resnet34", tmp_path / "nowhere")


def write_h5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"input", b"conv"]
        file.create_group("input").attrs["weight_names"] = np.array([], dtype="S1")
        conv = file.create_group("conv")
        conv.attrs["weight_names"] = [b"conv/kernel:0", b"conv/bias:0"]
        conv["conv/kernel:0"] = np.arange(6.0).reshape(2, 3)
        conv["conv/bias:0"] = np.ones(3)


def test_layers_in_order(tmp_path: Path) -> None:
    write_h5(tmp_path / "a.h5")
    ((name, (kernel, bias)),) = read_h5(tmp_path / "a.h5")
    assert name == "conv"
    np.testing.assert_array_equal(kernel, [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(bias, [1, 1, 1])


@pytest.mark.parametrize("kind", ["external link", "soft link", "external data"])
def test_an_array_stored_elsewhere_is_refused(kind: str, tmp_path: Path) -> None:
    write_h5(tmp_path / "a.h5")
    (tmp_path / "secret").write_bytes(bytes(24))
    with h5py.File(tmp_path / "a.h5", "a") as file:
        del file["conv/conv/bias:0"]
        if kind == "external link":
            file["conv/conv/bias:0"] = h5py.ExternalLink("other.h5", "/x")
        elif kind == "soft link":
            file["conv/conv/bias:0"] = h5py.SoftLink("/conv/conv/kernel:0")
        else:
            file["conv"].create_dataset(
                "conv/bias:0", (3,), float, external=[(str(tmp_path / "secret"), 0, 24)]
            )
    with pytest.raises(InputError, match=r"a\.h5: must be weights in Keras's \.h5 format"):
        read_h5(tmp_path / "a.h5")


@pytest.mark.parametrize("place", ["conv", "model_weights"])
@pytest.mark.parametrize("kind", ["external", "soft"])
def test_a_layer_or_group_stored_elsewhere_is_refused(
    place: str, kind: str, tmp_path: Path
) -> None:
    write_h5(tmp_path / "other.h5")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["layer_names"] = [b"conv"]
        if kind == "external":
            file[place] = h5py.ExternalLink("other.h5", "/conv" if place == "conv" else "/")
        else:
            with h5py.File(tmp_path / "other.h5") as other:
                other.copy("/", file, "elsewhere")
            file[place] = h5py.SoftLink("/elsewhere/conv" if place == "conv" else "/elsewhere")
    with pytest.raises(InputError, match=rf"a\.h5: must be .*Received: {place} is a link"):
        read_h5(tmp_path / "a.h5")


def test_a_layer_that_is_an_array_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["layer_names"] = [b"conv"]
        file["conv"] = np.ones(3)
        file["conv"].attrs["weight_names"] = [b"kernel"]
    with pytest.raises(InputError, match=r"a\.h5: must be weights in Keras's \.h5 format"):
        read_h5(tmp_path / "a.h5")


@pytest.mark.parametrize("chunks", [None, (1 << 10, 1 << 10)])
@pytest.mark.parametrize("side", [1 << 14, 1 << 22])
def test_an_array_that_claims_more_than_the_file_is_never_read(
    side: int, chunks: tuple[int, int] | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing is stored: 1 GiB and 64 TiB of zeros.
    write_h5(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "a") as file:
        del file["conv/conv/bias:0"]
        file.create_dataset("conv/conv/bias:0", (side, side), np.float32, chunks=chunks)
    monkeypatch.setattr(h5py.Dataset, "__array__", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(
        InputError, match=r"a\.h5: must be .* bytes, many times the size of the file"
    ):
        read_h5(tmp_path / "a.h5")


def test_an_array_of_texts_is_refused(tmp_path: Path) -> None:
    write_h5(tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5", "a") as file:
        del file["conv/conv/bias:0"]
        file["conv/conv/bias:0"] = ["a", "b", "c"]
    with pytest.raises(InputError, match=r"conv/bias:0 is not an array of numbers"):
        read_h5(tmp_path / "a.h5")


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.h5").write_text("no weights")
    write_h5(tmp_path / "whole.h5")
    (tmp_path / "cut.h5").write_bytes((tmp_path / "whole.h5").read_bytes()[:600])
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.ones(3)
    for name in ("text", "cut", "other"):
        with pytest.raises(InputError, match=rf"{name}\.h5: must be"):
            read_h5(tmp_path / f"{name}.h5")
