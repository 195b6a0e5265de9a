"""Tests of PyTorch checkpoints: read as arrays; code and references to other files are refused."""

from __future__ import annotations

import collections
import io
import json
import pickle
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cxrcompare.errors import InputError
from cxrcompare.models.weight_files.torch_checkpoints import read_checkpoint

MAGIC = 0x1950A86A20F9469CFC6C
STORAGES = {"<f4": "FloatStorage", "<i8": "LongStorage", "<f2": "HalfStorage"}


class FakeTensor:
    """Pickles as PyTorch's tensors do: a call that rebuilds it from a storage."""

    def __init__(self, array: np.ndarray, parameter: bool = False) -> None:
        self.array, self.parameter = array, parameter


class FakePickler(pickle.Pickler):
    """Refers to storages as torch.save does."""

    def __init__(self, file: Any, storages: dict[str, np.ndarray], protocol: int) -> None:
        super().__init__(file, protocol=protocol)
        self.storages = storages

    def reducer_override(self, thing: Any) -> Any:
        if not isinstance(thing, FakeTensor):
            return NotImplemented
        key = str(len(self.storages))
        self.storages[key] = thing.array
        strides = tuple(step // thing.array.itemsize for step in thing.array.strides)
        utils = sys.modules["torch._utils"]
        arguments = (
            Reference(key, thing.array),
            0,
            thing.array.shape,
            strides,
            False,
            collections.OrderedDict(),
        )
        if thing.parameter:
            inner = FakeTensor(thing.array)
            return utils._rebuild_parameter, (inner, True, collections.OrderedDict())
        return utils._rebuild_tensor_v2, arguments

    def persistent_id(self, thing: Any) -> Any:
        if not isinstance(thing, Reference):
            return None
        kind = getattr(sys.modules["torch"], STORAGES[thing.array.dtype.str])
        return ("storage", kind, thing.key, "cpu", thing.array.size)


class Reference:
    def __init__(self, key: str, array: np.ndarray) -> None:
        self.key, self.array = key, array


@pytest.fixture
def fake_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    for name in STORAGES.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    for name in ("_rebuild_tensor_v2", "_rebuild_parameter"):
        function = types.FunctionType((lambda *_: None).__code__, {}, name)
        function.__module__, function.__qualname__ = "torch._utils", name
        setattr(utils, name, function)
    torch._utils = utils  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)


def write_zip(path: Path, thing: Any, protocol: int = 2) -> None:
    """Writes the format of torch.save since PyTorch 1.6."""
    storages: dict[str, np.ndarray] = {}
    table = io.BytesIO()
    FakePickler(table, storages, protocol).dump(thing)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("net/data.pkl", table.getvalue())
        archive.writestr("net/byteorder", b"little")
        for key, array in storages.items():
            archive.writestr(f"net/data/{key}", array.tobytes("A"))
        archive.writestr("net/version", b"3\n")


def write_old(path: Path, thing: Any) -> None:
    """Writes the format of torch.save before."""
    storages: dict[str, np.ndarray] = {}
    with path.open("wb") as file:
        for part in (MAGIC, 1001, {"little_endian": True}):
            pickle.dump(part, file, protocol=2)
        FakePickler(file, storages, 2).dump(thing)
        pickle.dump(list(storages), file, protocol=2)
        for array in storages.values():
            file.write(array.size.to_bytes(8, "little") + array.tobytes("A"))


ARRAYS = {
    "conv.weight": np.arange(24, dtype="<f4").reshape(2, 3, 2, 2),
    "bn.num_batches_tracked": np.array(7, dtype="<i8"),
    "half": np.linspace(0, 1, 5).astype("<f2"),
    "turned": np.arange(6, dtype="<f4").reshape(2, 3).T,
}


def state(parameter: bool = False) -> collections.OrderedDict[str, FakeTensor]:
    made = collections.OrderedDict(
        (name, FakeTensor(array, parameter)) for name, array in ARRAYS.items()
    )
    made._metadata = collections.OrderedDict(version=1)  # type: ignore[attr-defined]
    return made


def same(received: dict[str, np.ndarray]) -> None:
    assert list(received) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert received[name].dtype == array.dtype
        np.testing.assert_array_equal(received[name], array)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.usefixtures("fake_torch")
def test_zip(protocol: int, tmp_path: Path) -> None:
    write_zip(tmp_path / "a.pth", state(), protocol)
    same(read_checkpoint(tmp_path / "a.pth"))


@pytest.mark.usefixtures("fake_torch")
def test_old_format(tmp_path: Path) -> None:
    write_old(tmp_path / "a.pth", state())
    same(read_checkpoint(tmp_path / "a.pth"))


@pytest.mark.usefixtures("fake_torch")
def test_parameters_and_names_of_parallel_training(tmp_path: Path) -> None:
    renamed = {f"module.{name}": tensor for name, tensor in state(parameter=True).items()}
    write_zip(tmp_path / "a.pth", {"epoch": 3, "lr": 0.1, "state_dict": renamed})
    same(read_checkpoint(tmp_path / "a.pth"))


def test_safetensors(tmp_path: Path) -> None:
    numpy = pytest.importorskip("safetensors.numpy")
    arrays = {name: np.ascontiguousarray(array) for name, array in ARRAYS.items()}
    numpy.save_file(arrays, tmp_path / "a.safetensors", metadata={"format": "pt"})
    received = read_checkpoint(tmp_path / "a.safetensors")
    for name, array in arrays.items():
        np.testing.assert_array_equal(received[name], array)


def write_safetensors(path: Path, header: dict[str, Any], data: bytes) -> None:
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def test_bfloat16(tmp_path: Path) -> None:
    # 1.0 is 3F80, -2.5 is C020 in the upper half of a float32.
    header = {"x": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}
    write_safetensors(tmp_path / "a.safetensors", header, bytes.fromhex("803f20c0"))
    np.testing.assert_array_equal(read_checkpoint(tmp_path / "a.safetensors")["x"], [1.0, -2.5])


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F32", "shape": [2], "data_offsets": [0, 16]},
        {"dtype": "F32", "shape": [9], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]},
        {"dtype": "F8", "shape": [8], "data_offsets": [0, 8]},
        {"shape": [2]},
    ],
)
def test_safetensors_with_a_wrong_header(entry: dict[str, Any], tmp_path: Path) -> None:
    write_safetensors(tmp_path / "a.safetensors", {"x": entry}, bytes(8))
    with pytest.raises(InputError, match=r"a\.safetensors: must be a checkpoint of tensors"):
        read_checkpoint(tmp_path / "a.safetensors")


class Attack:
    """Loading this pickle would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.usefixtures("fake_torch")
def test_a_pickle_that_calls_something_is_refused_and_does_not(old: bool, tmp_path: Path) -> None:
    write = write_old if old else write_zip
    write(tmp_path / "a.pth", {"x": Attack(tmp_path / "made")})
    with pytest.raises(InputError, match=r"a\.pth: must be a checkpoint of tensors"):
        read_checkpoint(tmp_path / "a.pth")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    "code",
    [
        b"cos\nsystem\n(S'touch made'\ntR.",
        b"\x80\x02cbuiltins\neval\nX\x01\x00\x00\x001\x85R.",
        b"\x80\x02cbuiltins\nobject\n)\x81.",  # NEWOBJ
        b"(S'x'\nios\nsystem\n.",  # INST
        b"\x80\x02}",  # no end
        b"\x80\x02.",  # nothing to return
        b"\x80\x02}X\x01\x00\x00\x00aK\x01s.",  # a number is no tensor
        b"\x80\x02h\x05.",  # nothing under that number
        b"\x80\x02(u.",
        b"\x80\x02t.",  # a tuple of what is above no mark
        b"\x80\x02}u.",
        b"\x80\x02}X\x01\x00\x00\x00ac\na\nb\n\x85R.",
        b"\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.",  # a dictionary in itself
    ],
)
def test_other_pickles_are_refused(code: bytes, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
        archive.writestr("net/data.pkl", code)
    with pytest.raises(InputError, match="must be a checkpoint of tensors"):
        read_checkpoint(tmp_path / "a.pth")


@pytest.mark.usefixtures("fake_torch")
def test_a_damaged_archive(spoil: Callable[[Path], None], tmp_path: Path) -> None:
    write_zip(tmp_path / "a.pth", state())
    spoil(tmp_path / "a.pth")
    with pytest.raises(InputError, match=r"a\.pth: must be a checkpoint.* Received: .+") as caught:
        read_checkpoint(tmp_path / "a.pth")
    assert "\n" not in str(caught.value)


def torch_pickle(offset: int, shape: tuple[int, ...], stride: tuple[int, ...], count: int) -> bytes:
    """A table of contents with one tensor of the given geometry, by hand."""

    def number(value: int) -> bytes:
        return b"J" + value.to_bytes(4, "little", signed=True)

    def row(values: tuple[int, ...]) -> bytes:
        return b"(" + b"".join(map(number, values)) + b"t"

    return (
        b"\x80\x02}X\x01\x00\x00\x00xctorch._utils\n_rebuild_tensor_v2\n("
        b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
        + number(count)
        + b"tQ"
        + number(offset)
        + row(shape)
        + row(stride)
        + b"\x89}tRs."
    )


@pytest.mark.parametrize(
    ("offset", "shape", "stride", "count"),
    [
        (0, (5,), (1,), 4),  # longer than the storage
        (1, (4,), (1,), 4),  # begins too late
        (-1, (2,), (1,), 4),
        (0, (2,), (-1,), 4),
        (0, (2, 2), (3, 1), 4),  # the last row ends outside
        (0, (1 << 20, 1 << 10), (0, 0), 4),  # four numbers blown up to gigabytes
        (0, (2,), (1,), 8),  # the storage is shorter than it says
        (0, (2, 2), (1,), 4),
    ],
)
def test_tensors_outside_their_storage(
    offset: int, shape: tuple[int, ...], stride: tuple[int, ...], count: int, tmp_path: Path
) -> None:
    def write(code: bytes) -> None:
        with zipfile.ZipFile(tmp_path / "a.pth", "w") as archive:
            archive.writestr("net/data.pkl", code)
            archive.writestr("net/data/0", np.arange(4, dtype="<f4").tobytes())

    write(torch_pickle(1, (3,), (1,), 4))
    np.testing.assert_array_equal(read_checkpoint(tmp_path / "a.pth")["x"], [1, 2, 3])
    write(torch_pickle(offset, shape, stride, count))
    with pytest.raises(InputError, match="must be a checkpoint of tensors"):
        read_checkpoint(tmp_path / "a.pth")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.usefixtures("fake_torch")
def test_a_damaged_file_is_refused_or_read_never_more(data: st.DataObject, tmp_path: Path) -> None:
    write = data.draw(st.sampled_from([write_zip, write_old]))
    write(tmp_path / "a.pth", state())
    content = bytearray((tmp_path / "a.pth").read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    (tmp_path / "a.pth").write_bytes(content)
    try:
        received = read_checkpoint(tmp_path / "a.pth")
    except InputError:
        return
    assert all(isinstance(array, np.ndarray) for array in received.values())
