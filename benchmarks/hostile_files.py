"""Reads mutated files of every kind as the commands do; counts tracebacks, crashes and hangs.

    python benchmarks/hostile_files.py --files 2000 --kinds csv,png --seed 1

Valid files are changed by bit flips, truncation, splices, edited numbers and edited quotes. A file
must be read, or refused with one line (`InputError`, or a reason for an image). Anything else is a
defect: the mutated file is kept in `--keep`.
"""

from __future__ import annotations

import argparse
import faulthandler
import gzip
import json
import shutil
import signal
import sys
import tempfile
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from cxrcompare import datasets, isolated, predictions
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result import comparison
from cxrcompare.errors import InputError
from cxrcompare.experiment.reading_settings import load as load_experiment
from cxrcompare.filesystem import files
from cxrcompare.images.decoding import decode
from cxrcompare.images.decoding.image_error import ImageError
from cxrcompare.images.decoding.reading_files import read_images
from cxrcompare.images.prepare import open_store, prepare
from cxrcompare.models.weight_files import foreign, torch_checkpoints
from cxrcompare.reporting import report
from cxrcompare.synthetic import write_sample

SECONDS = 60
"""Limit for one file; above that of the child processes, which `main` lowers to 10 seconds."""


class Kind(NamedTuple):
    """A kind of file.

    Attributes:
        suffix: The suffix of its files.
        make: Returns the bytes of a valid file; the folder is for temporary files.
        read: Reads a file as a command does.
    """

    suffix: str
    make: Callable[[Path], bytes]
    read: Callable[[Path], object]


class Count(NamedTuple):
    """The outcomes of the mutated files of one kind."""

    read: int
    refused: int
    defects: int


def _table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.random((20, 3)).round(4), columns=["Edema", "Pneumonia", "Fracture"])
    frame.insert(0, "Path", [f"CheXpert-v1.0/test/patient{n:05d}/study1" for n in range(20)])
    return frame


def _csv(folder: Path) -> bytes:
    return _table().to_csv(index=False).encode()


def _npz(folder: Path) -> bytes:
    frame, path = _table(), folder / "valid.npz"
    names = frame.columns[1:]
    ids = frame["Path"].to_numpy(str)
    scores = frame[names].to_numpy()
    np.savez(path, ids=ids, findings=np.array(list(names)), scores=scores, allow_pickle=False)
    return path.read_bytes()


def _parquet(folder: Path) -> bytes:
    path = folder / "valid.parquet"
    _table().to_parquet(path)
    return path.read_bytes()


def _gzip(folder: Path) -> bytes:
    return gzip.compress(_csv(folder), mtime=0)


def _labels(folder: Path) -> bytes:
    frame = _table()
    frame.iloc[:, 1:] = (frame.iloc[:, 1:] > 0.5).astype(float)
    return frame.to_csv(index=False).encode()


def _toml(folder: Path) -> bytes:
    return (
        b'name = "five"\nmodels = ["resnet34", "mobilenet"]\nseeds = [0, 1]\n'
        b'[images]\nsize = 320\n[labels]\npolicy = "u-ones"\n'
        b'[training]\nrecipe = "modern"\nweights = "none"\nlearning_rate = 1e-3\n'
    )


def _json(folder: Path) -> bytes:
    return json.dumps({"findings": ["Edema"], "image_size": 320, "nested": [[1.5, None]]}).encode()


def _pixels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (40, 50), dtype=np.uint8)


def _png(folder: Path) -> bytes:
    return cv2.imencode(".png", _pixels())[1].tobytes()


def _jpeg(folder: Path) -> bytes:
    return cv2.imencode(".jpg", _pixels())[1].tobytes()


def _dicom(folder: Path) -> bytes:
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    one = FileDataset("one.dcm", {}, file_meta=meta, preamble=b"\0" * 128)
    one.Rows, one.Columns, one.SamplesPerPixel = 40, 50, 1
    one.BitsAllocated = one.BitsStored = 8
    one.HighBit, one.PixelRepresentation = 7, 0
    one.PhotometricInterpretation = "MONOCHROME2"
    one.WindowCenter, one.WindowWidth = "128", "256"
    one.PixelData = _pixels().tobytes()
    path = folder / "valid.dcm"
    one.save_as(path, enforce_file_format=True)
    return path.read_bytes()


def _compressed_dicom(folder: Path) -> bytes:
    from pydicom import dcmread
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEGBaseline8Bit

    (folder / "plain.dcm").write_bytes(_dicom(folder))
    one = dcmread(folder / "plain.dcm")
    one.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    one.PixelData = encapsulate([_jpeg(folder)])
    one["PixelData"].VR = "OB"
    path = folder / "compressed.dcm"
    one.save_as(path)
    return path.read_bytes()


def _h5(folder: Path) -> bytes:
    import h5py

    path = folder / "valid.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("conv1")
        file.attrs["layer_names"] = [b"conv1"]
        group.attrs["weight_names"] = [b"conv1/kernel"]
        group.create_dataset("conv1/kernel", data=np.ones((3, 3, 1, 4), np.float32))
    return path.read_bytes()


def _keras(folder: Path) -> bytes:
    path = folder / "valid.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.15.1"}')
        archive.writestr("config.json", '{"class_name": "Functional", "config": {"name": "n"}}')
        archive.writestr("model.weights.h5", _h5(folder))
    return path.read_bytes()


def _pth(folder: Path) -> bytes:
    """Returns a `.pth` file of one tensor, written without PyTorch."""
    table = (
        b"\x80\x02}X\x05\x00\x00\x00fc.wtctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00"
        b"storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQK\x00K\x02K"
        b"\x03\x86K\x03K\x01\x86\x89ccollections\nOrderedDict\n)RtRs."
    )
    path = folder / "valid.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", table)
        archive.writestr("archive/byteorder", "little")
        archive.writestr("archive/data/0", np.arange(6, dtype="<f4").tobytes())
    return path.read_bytes()


def _safetensors(folder: Path) -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(24)


def _decode(path: Path) -> object:
    return decode.load(str(path), 32)


def _decode_apart(path: Path) -> None:
    """Decodes in a child process, as all commands do: damaged files abort GDCM."""
    for block, _ in read_images(path.parent, [path.name], 32, 1):
        if block.rejected:
            raise ImageError(*block.rejected.values())


def _checkpoint(folder: Path) -> bytes:
    progress = np.array(json.dumps({"epoch": 2, "phase": "fine", "history": [{"loss": 0.5}]}))
    path = folder / "valid.npz"
    arrays = {f"variable/{n}": np.ones((3, 2), np.float32) for n in range(4)}
    np.savez(path, allow_pickle=False, progress=progress, **arrays)
    return path.read_bytes()


def _read_checkpoint(path: Path) -> object:
    from cxrcompare.training.running import checkpoint

    (path.parent / "checkpoint").mkdir(exist_ok=True)
    shutil.copyfile(path, path.parent / "checkpoint" / "last.npz")
    found = checkpoint.load_progress(path.parent)
    return found, checkpoint._read(path.parent / "checkpoint" / "last.npz", "variable/")


def _read_keras(path: Path) -> None:
    """Reads the file in a child process, as `models.load` does before it builds the network."""
    with foreign.rewritten(path):
        return


def _comparison(folder: Path) -> bytes:
    rng, paths = np.random.default_rng(0), []
    labels = _table()
    labels.iloc[:, 1:] = (rng.random((20, 3)) > 0.5).astype(float)
    for name in ("a", "b"):
        scores = _table()
        scores.iloc[:, 1:] = rng.random((20, 3)).round(4)
        paths.append(folder / f"{name}.csv")
        scores.to_csv(paths[-1], index=False)
    labels.to_csv(folder / "labels.csv", index=False)
    options = Options(replicates=100)
    compare(paths, folder / "labels.csv", options=options).write(folder / "comparison.json")
    return (folder / "comparison.json").read_bytes()


def _report(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        report.fill(comparison.read(path), Path(folder))


def _store_file(name: str) -> Callable[[Path], bytes]:
    """Returns what makes a store of ten images and returns the bytes of one of its files."""

    def make(folder: Path) -> bytes:
        write_sample(folder / "sample", 10, 32, 0)
        prepare(datasets.read("chexpert", folder / "sample"), folder / "store", 32)
        return (folder / "store" / name).read_bytes()

    return make


def _open_store(name: str) -> Callable[[Path], object]:
    """Returns what opens the store with one file replaced, and checks and reads all of it."""

    def read(path: Path) -> object:
        shutil.copyfile(path, path.parent / "store" / name)
        store = open_store(path.parent / "store")
        store.verify()
        return store.table, store.sources, np.asarray(store.pixels[0])

    return read


_STORE_FILES = ("store.json", "table.csv", "images.npy", "hashes.npy", "sources.npy")

KINDS: dict[str, Kind] = {
    "csv": Kind(".csv", _csv, predictions.read_predictions),
    "labels": Kind(".csv", _labels, predictions.read_label_states),
    "toml": Kind(".toml", _toml, lambda path: load_experiment(path, {})),
    "json": Kind(".json", _json, files.read_json),
    "png": Kind(".png", _png, _decode),
    "jpeg": Kind(".jpg", _jpeg, _decode),
    "dicom": Kind(".dcm", _dicom, _decode),
    "parquet": Kind(".parquet", _parquet, predictions.read_predictions),
    "npz": Kind(".npz", _npz, predictions.read_predictions),
    "checkpoint": Kind(".npz", _checkpoint, _read_checkpoint),
    "pth": Kind(".pth", _pth, torch_checkpoints.read_checkpoint),
    "safetensors": Kind(".safetensors", _safetensors, torch_checkpoints.read_checkpoint),
    "h5": Kind(".h5", _h5, foreign.read_layers),
    "keras": Kind(".keras", _keras, _read_keras),
    "gzip": Kind(".csv.gz", _gzip, predictions.read_predictions),
    "compressed-dicom": Kind(".dcm", _compressed_dicom, _decode_apart),
    "comparison": Kind(".json", _comparison, _report),
    **{
        f"store-{Path(name).stem}": Kind(Path(name).suffix, _store_file(name), _open_store(name))
        for name in _STORE_FILES
    },
}
"""Every kind. `.h5`, `.keras` and compressed DICOM are read in a child process with limits, as the
commands do, because damaged files hang or crash HDF5 and GDCM. A child takes about a second."""

_TOKENS = (
    b'"',
    b"'",
    b",",
    b"\n",
    b"\0",
    b"nan",
    b"inf",
    b"-1",
    b"1e999",
    b"9" * 5000,
    b"[" * 2000,
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"=1+1",
    b"{",
    b"}",
)


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Returns a changed copy of a file: one to four mutations.

    Args:
        content: The valid file.
        rng: The random generator.
    """
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 5))):
        if not changed:
            break
        at = int(rng.integers(len(changed)))
        length = int(rng.integers(1, 64))
        match int(rng.integers(6)):
            case 0:
                changed[at] ^= 1 << int(rng.integers(8))
            case 1:
                del changed[at:]
            case 2:
                changed[at : at + length] = rng.bytes(length)
            case 3:  # a splice of another part of the file
                start = int(rng.integers(len(changed)))
                changed[at:at] = changed[start : start + length]
            case 4:
                changed[at : at + int(rng.integers(3))] = _TOKENS[int(rng.integers(len(_TOKENS)))]
            case _:
                del changed[at : at + length]
    return bytes(changed)


class HangError(Exception):
    """A file was not read within `SECONDS`."""


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise HangError(f"not read within {SECONDS} seconds")

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    faulthandler.dump_traceback_later(
        2 * SECONDS, exit=True, file=sys.__stderr__
    )  # a hang inside of a C library
    try:
        yield
    finally:
        signal.alarm(0)
        faulthandler.cancel_dump_traceback_later()


def run(name: str, count: int, seed: int, keep: Path | None = None) -> Count:
    """Reads mutated files of one kind.

    Args:
        name: A key of `KINDS`.
        count: The number of files.
        seed: The seed of the mutations.
        keep: The folder for files that show a defect.
    """
    kind, rng = KINDS[name], np.random.default_rng([seed, *name.encode()])
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="hostile-") as text:
        folder = Path(text)
        valid = kind.make(folder)
        path = folder / f"mutated{kind.suffix}"
        path.write_bytes(valid)
        kind.read(path)  # a valid file must be read
        for number in range(count):
            path.write_bytes(mutated(valid, rng))
            try:
                with _alarm():
                    kind.read(path)
                outcomes["read"] += 1
            except (InputError, ImageError) as error:
                lines = len(str(error).splitlines())
                outcomes["refused" if lines == 1 else "defects"] += 1
                if lines != 1:
                    print(f"{name} {number}: {lines} lines: {str(error)[:200]!r}")
            except Exception as error:  # noqa: BLE001 - every other exception is a defect
                outcomes["defects"] += 1
                print(f"{name} {number}: {type(error).__name__}: {str(error)[:200]}")
                print("   " + traceback.format_exc().strip().splitlines()[-3].strip())
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{name}-{seed}-{number}{kind.suffix}").write_bytes(path.read_bytes())
    return Count(outcomes["read"], outcomes["refused"], outcomes["defects"])


def main() -> int:
    """Runs all chosen kinds and prints a table; the exit status is 1 if there is a defect."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=200, help="mutated files of each kind")
    parser.add_argument("--kinds", default=",".join(KINDS), help="kinds, separated by commas")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("hostile"), help="folder for defects")
    given = parser.parse_args()
    defects = 0
    isolated.SECONDS = 10.0
    print("| kind | files | read | refused | defects |\n| --- | ---: | ---: | ---: | ---: |")
    for name in given.kinds.split(","):
        found = run(name, given.files, given.seed, given.keep)
        defects += found.defects
        shown = " | ".join(f"{n:,}" for n in (given.files, *found))
        print(f"| {name} | {shown} |", flush=True)
    return int(defects > 0)


if __name__ == "__main__":
    sys.exit(main())
