"""ResNet34 against a forward pass in NumPy, and against PyTorch where it is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare import models  # noqa: E402
from cxrcompare.models.resnet34 import STAGES, resnet34  # noqa: E402
from cxrcompare.models.weight_files.resnet34_weights import convert  # noqa: E402

from .resnet34_state import State, random_state  # noqa: E402

pytestmark = [
    pytest.mark.keras,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

MEANS, DEVIATIONS = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def forward(state: State, stages: tuple[tuple[int, int], ...], x: np.ndarray) -> np.ndarray:
    """Returns the output of the paper's network on (B, 3, H, W) in float64, with NumPy only."""

    def windows(x: np.ndarray, size: int, stride: int) -> np.ndarray:
        view = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
        return view[:, :, ::stride, ::stride]

    def pad(x: np.ndarray, by: int, value: float = 0) -> np.ndarray:
        return np.pad(x, ((0, 0), (0, 0), (by, by), (by, by)), constant_values=value)

    def convolution(x: np.ndarray, name: str, stride: int) -> np.ndarray:
        kernel = state[f"{name}.weight"].astype(np.float64)
        size = kernel.shape[-1]
        return np.einsum("bihwyx,oiyx->bohw", windows(pad(x, size // 2), size, stride), kernel)

    def normalisation(x: np.ndarray, name: str) -> np.ndarray:
        scale, bias, mean, variance = (
            state[f"{name}.{key}"].astype(np.float64)[:, None, None]
            for key in ("weight", "bias", "running_mean", "running_var")
        )
        return (x - mean) / np.sqrt(variance + 1e-5) * scale + bias

    x = np.maximum(normalisation(convolution(x, "conv1", 2), "bn1"), 0)
    x = windows(pad(x, 1, -np.inf), 3, 2).max(axis=(-1, -2))
    for stage, (_, blocks) in enumerate(stages, start=1):
        for block in range(blocks):
            name, stride = f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1
            y = np.maximum(normalisation(convolution(x, f"{name}.conv1", stride), f"{name}.bn1"), 0)
            y = normalisation(convolution(y, f"{name}.conv2", 1), f"{name}.bn2")
            if f"{name}.downsample.0.weight" in state:
                x = convolution(x, f"{name}.downsample.0", stride)
                x = normalisation(x, f"{name}.downsample.1")
            x = np.maximum(x + y, 0)
    return x


def colour_input(pixels: np.ndarray) -> np.ndarray:
    """Returns grey images (B, H, W, 1) normalised like torchvision's transforms, (B, 3, H, W)."""
    images = np.repeat(pixels / 255, 3, axis=-1)
    return ((images - MEANS) / DEVIATIONS).transpose(0, 3, 1, 2)


def grey(size: int) -> np.ndarray:
    return np.random.default_rng(2).integers(0, 256, (2, size, size, 1), dtype=np.uint8)


def numbers(tensor: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(tensor))


@pytest.mark.parametrize("size", [32, 45, 64])
def test_a_small_one_against_numpy(size: int) -> None:
    stages = ((8, 2), (12, 1), (16, 2))
    state = random_state(stages)
    model = resnet34((size, size, 3), stages)
    held = [layer for layer in model.layers if layer.weights]
    converted = convert(state, [layer.name for layer in held], "state")
    for layer, (_, arrays) in zip(held, converted, strict=True):
        for variable, array in zip(
            [*layer.trainable_weights, *layer.non_trainable_weights], arrays, strict=True
        ):
            variable.assign(array)
    x = colour_input(grey(size))
    expected = forward(state, stages, x).transpose(0, 2, 3, 1)
    received = numbers(model(x.transpose(0, 2, 3, 1).astype(np.float32), training=False))
    assert received.shape == expected.shape
    np.testing.assert_allclose(received, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.slow
def test_the_whole_one_from_a_folder_against_numpy(tmp_path: Path) -> None:
    numpy = pytest.importorskip("safetensors.numpy")
    state = random_state(STAGES)
    numpy.save_file(state, tmp_path / "resnet34.tv_in1k.safetensors")
    model = models.build("resnet34", 3, 32, tmp_path)
    expected = forward(state, STAGES, colour_input(grey(32))).transpose(0, 2, 3, 1)
    received = numbers(model.get_layer("backbone")(grey(32), training=False))
    np.testing.assert_allclose(received, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.slow
@pytest.mark.parametrize("form", ["zip", "old", "safetensors"])
def test_against_torch(form: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="needs PyTorch, which is no dependency")
    from torch import nn

    class Block(nn.Module):
        def __init__(self, into: int, out: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(into, out, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(out)
            self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(out)
            self.downsample = None
            if stride != 1 or into != out:
                self.downsample = nn.Sequential(
                    nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out)
                )

        def forward(self, x: Any) -> Any:
            y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
            return torch.relu(y + (x if self.downsample is None else self.downsample(x)))

    class ResNet34(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64)
            into = 64
            for stage, (out, blocks) in enumerate(STAGES, start=1):
                chain = []
                for block in range(blocks):
                    chain.append(Block(into, out, 2 if stage > 1 and block == 0 else 1))
                    into = out
                setattr(self, f"layer{stage}", nn.Sequential(*chain))
            self.fc = nn.Linear(512, 1000)

        def forward(self, x: Any) -> Any:
            x = nn.functional.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
            return self.layer4(self.layer3(self.layer2(self.layer1(x))))

    torch.manual_seed(0)
    network = ResNet34()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
            nn.init.normal_(module.bias, 0, 0.2)
    network.eval()
    path = tmp_path / ("resnet34.safetensors" if form == "safetensors" else "resnet34-0.pth")
    if form == "safetensors":
        pytest.importorskip("safetensors.torch").save_file(network.state_dict(), path)
    else:
        torch.save(network.state_dict(), path, _use_new_zipfile_serialization=form == "zip")
    model = models.build("resnet34", 3, 96, tmp_path)
    with torch.no_grad():
        expected = network(torch.tensor(colour_input(grey(96)), dtype=torch.float32)).numpy()
    received = numbers(model.get_layer("backbone")(grey(96), training=False)).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(received, expected, atol=1e-4 * np.abs(expected).max())
