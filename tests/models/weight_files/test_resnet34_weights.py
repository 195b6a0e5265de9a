"""Tests of ResNet34's weights from PyTorch's checkpoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare.errors import InputError  # noqa: E402
from cxrcompare.models.resnet34 import resnet34  # noqa: E402
from cxrcompare.models.weight_files import resnet34_weights  # noqa: E402
from cxrcompare.models.weight_files.resnet34_weights import convert  # noqa: E402

from ..resnet34_state import random_state  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def test_kernels_are_transposed_and_normalisation_is_not() -> None:
    kernel = np.arange(2 * 3 * 4 * 5, dtype=np.float64).reshape(2, 3, 4, 5)  # out, in, h, w
    norms = {
        name: np.array([number, 2.0 * number])
        for number, name in enumerate(("weight", "bias", "running_mean", "running_var"), 1)
    }
    state = {
        "fc.weight": np.zeros((9, 2)),
        "conv1.num_batches_tracked": np.array(7),
        **{f"layer1.0.bn1.{name}": values for name, values in norms.items()},
        "layer1.0.conv1.weight": kernel,
    }
    found = convert(state, ["layer1_0_conv1", "layer1_0_bn1"], "file")
    assert [name for name, _ in found] == ["layer1_0_conv1", "layer1_0_bn1"]
    (converted,) = found[0][1]
    assert converted.shape == (4, 5, 3, 2)
    for out in range(2):
        for into in range(3):
            np.testing.assert_array_equal(converted[:, :, into, out], kernel[out, into])
    assert [values.tolist() for values in found[1][1]] == [[1, 2], [2, 4], [3, 6], [4, 8]]
    for _, arrays in found:
        assert all(values.dtype == np.float32 and values.flags.c_contiguous for values in arrays)


def test_the_state_is_left_as_it_is() -> None:
    state = random_state(((8, 1),))
    names = list(state)
    layers = [layer.name for layer in resnet34((32, 32, 3), ((8, 1),)).layers if layer.weights]
    convert(state, layers, "file")
    assert list(state) == names


def test_a_state_dict_of_another_network() -> None:
    layers = [layer.name for layer in resnet34((32, 32, 3), ((8, 1),)).layers if layer.weights]
    state = random_state(((8, 1),))
    convert(state, layers, "file.pth")
    with pytest.raises(
        InputError, match=r"file.pth: .* Received: another tensor, layer1_1_bn1_bias"
    ):
        convert(random_state(((8, 2),)), layers, "file.pth")
    state.pop("bn1.running_var")
    with pytest.raises(InputError, match=r"file.pth: .* Received: no bn1_running_var"):
        convert(state, layers, "file.pth")


def test_a_download_is_checked_by_the_hash_in_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "a.pth").write_bytes(b"abc")
    monkeypatch.setattr(keras.utils, "get_file", lambda *_, **__: str(tmp_path / "a.pth"))
    with pytest.raises(InputError, match=r"must begin with b627a593\. Received: ba7816bf"):
        resnet34_weights.download()
    # SHA-256 of "abc", from FIPS 180-2: ba7816bf 8f01cfea ...
    monkeypatch.setattr(resnet34_weights, "ADDRESS", "https://x/resnet34-ba7816bf.pth")
    assert resnet34_weights.download() == tmp_path / "a.pth"


def test_a_file_of_a_killed_download_is_downloaded_once_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "resnet34-ba7816bf.pth").write_bytes(b"abc")
    address = (tmp_path / "resnet34-ba7816bf.pth").as_uri()
    monkeypatch.setattr(resnet34_weights, "ADDRESS", address)
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path / "keras"))
    cached = tmp_path / "keras/models/resnet34-ba7816bf.pth"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"a")
    assert resnet34_weights.download() == cached
    assert cached.read_bytes() == b"abc"
    (tmp_path / "resnet34-ba7816bf.pth").unlink()  # no network: the file in the cache will do
    assert resnet34_weights.download() == cached
