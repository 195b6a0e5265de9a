"""Stand-ins for the files that documents name, so that their text stays what a user would type.

Everything is drawn from fixed seeds. `REAL` holds the same names made of real data, where these
lie beside the checkout.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from cxrcompare import findings
from cxrcompare.synthetic import write_sample

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("CXRCOMPARE_SHARED", ROOT / "../shared")).resolve()

Maker = Callable[[Path], None]


def chexpert(folder: Path) -> None:
    """Writes the sample under the name of a CheXpert release: the layout is the same."""
    write_sample(folder / "CheXpert-v1.0-small", images=100, size=32, seed=0, workers=1)


def experiments(folder: Path) -> None:
    """Copies the experiments; that of the sample draws fewer images."""
    shutil.copytree(ROOT / "experiments", folder / "experiments")
    file = folder / "experiments/sample.toml"
    text = file.read_text(encoding="utf-8")
    assert "images = 1500" in text
    file.write_text(text.replace("images = 1500", "images = 100"), encoding="utf-8")


def nih(folder: Path) -> None:
    """Writes 120 grey images in the layout of NIH ChestX-ray14, and some in a second folder."""
    rng = np.random.default_rng(0)
    rows = []
    for number in range(120):
        name = f"{number // 2:08d}_{number % 2:03d}.png"
        listed = [one for one in findings.NIH if rng.random() < 0.2] or ["No Finding"]
        who = {
            "Patient ID": number // 2,
            "Patient Age": 40,
            "Patient Gender": "FM"[number // 2 % 2],
        }
        rows.append(
            {
                "Image Index": name,
                "Finding Labels": "|".join(listed),
                "Follow-up #": number % 2,
                **who,
                "View Position": "PA",
            }
        )
        image = rng.integers(0, 256, (40, 40), dtype=np.uint8)
        for place in ["images", *(["images-1024"] if number % 5 == 0 else [])]:
            (folder / "nih-1000" / place).mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(folder / "nih-1000" / place / name), image)
    pd.DataFrame(rows).to_csv(folder / "nih-1000/Data_Entry_2017_v2020.csv", index=False)


def weights(folder: Path) -> None:
    """Writes an empty weights file for each network; the small network of the tests reads none."""
    (folder / "weights").mkdir()
    for name in ("resnet34", "resnet50", "resnet101", "densenet121", "mobilenet"):
        (folder / "weights" / f"{name}.h5").touch()


def npz(folder: Path) -> None:
    """Writes four files of logits as the repository that the document names has them."""
    rng = np.random.default_rng(0)
    (folder / "npz").mkdir()
    labels = (rng.random((600, 14)) < 0.2).astype(np.int64)
    for model in ("resnet18", "densenet121"):
        for seed in (0, 1):
            np.savez(
                folder / f"npz/{model}_seed{seed}.npz",
                test_logits=(labels + rng.normal(size=labels.shape)).astype(np.float16),
                test_labels=labels,
                test_patient=np.arange(600) // 2,
            )


def rg1(folder: Path) -> None:
    """Writes the radiograph RG1 of pydicom's test files four times, and its labels."""
    from pydicom.data import get_testdata_file

    (folder / "rg1").mkdir()
    names = [f"RG1_{kind}.dcm" for kind in ("UNCR", "UNCI", "J2KR", "J2KI")]
    for name in names:
        shutil.copy(get_testdata_file(name, download=False), folder / "rg1" / name)
    table = pd.DataFrame({"path": names, "patient_id": "1", "Cardiomegaly": "", "split": "test"})
    table.to_csv(folder / "rg1/labels.csv", index=False)


def hospital(folder: Path) -> None:
    """Writes 120 images of 40 patients and a CSV of other names and words."""
    rng = np.random.default_rng(0)
    (folder / "hospital").mkdir()
    words = {name: rng.choice(["yes", "no"], 120) for name in ("effusion_yn", "tb")}
    words["tb"][:2] = ["?", "n/a"]
    rows = []
    for number in range(120):
        name = f"{number:03}.png"
        image = rng.integers(0, 256, (40, 40), dtype=np.uint8)
        cv2.imwrite(str(folder / "hospital" / name), image)
        patient = number // 3
        rows.append(
            {
                "Image file": name,
                "PatNr": patient,
                "Order": number % 3,
                "Projection": "PA",
                "Gender": "FM"[patient % 2],
                "Years": 30 + patient,
                "Part": ("train", "train", "valid", "test")[patient % 4],
                "Silicosis": int(rng.integers(2)),
                "deceased": int(rng.integers(2)),
                **{name: texts[number] for name, texts in words.items()},
            }
        )
    pd.DataFrame(rows).to_csv(folder / "hospital/labels.csv", index=False)


def tables(
    test: Sequence[str],
    reference: str,
    validation: Sequence[str],
    validation_reference: str,
    readers: Sequence[str],
    subgroups: str | None = None,
) -> Maker:
    """Returns what writes predictions, labels and readers of some studies under these names."""

    def write(folder: Path) -> None:
        rng = np.random.default_rng(0)
        about = []
        for split, names, standard in (
            ("t", test, reference),
            ("v", validation, validation_reference),
        ):
            labels = (rng.random((80, 5)) < 0.4).astype(float)
            ids = pd.DataFrame({"study_id": [f"{split}{n}" for n in range(80)]})
            ids["patient_id"] = ids["study_id"]
            about.append(ids.assign(sex=np.where(rng.random(80) < 0.5, "F", "M")))

            def save(name: str, values: np.ndarray, ids: pd.DataFrame = ids) -> None:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                columns = pd.DataFrame(values, columns=list(findings.COMPETITION))
                pd.concat([ids, columns], axis=1).to_csv(path, index=False)

            save(standard, labels)
            for name in names:
                save(name, np.clip(0.3 * labels + 0.6 * rng.random(labels.shape), 0, 1))
            for name in readers if split == "t" else ():
                save(name, np.where(rng.random(labels.shape) < 0.15, 1 - labels, labels))
        if subgroups:
            pd.concat(about).to_csv(folder / subgroups, index=False)

    return write


def defects(folder: Path) -> None:
    """Writes a file of logits with paths as ids, and one without defects."""
    tables(["model.csv"], "test-labels.csv", [], "valid-labels.csv", [])(folder)
    table = pd.read_csv(folder / "model.csv")
    scores = table[list(findings.COMPETITION)].clip(1e-3, 1 - 1e-3)
    table[list(findings.COMPETITION)] = np.log(scores / (1 - scores))
    table["study_id"] = "images/" + table["study_id"] + ".png"
    table.rename(columns={"study_id": "image_id"}).to_csv(folder / "logits.csv", index=False)


def real_nih(folder: Path) -> None:
    """Lays out every eighth of the real radiographs, and all that are there at 1024 pixels too."""
    source = SHARED / "data/nih-1000"
    (folder / "nih-1000").mkdir()
    table = pd.read_csv(source / "Data_Entry_2017_v2020.csv")
    large = table["Image Index"].isin([file.name for file in (source / "images-1024").iterdir()])
    some = table[large | (table.index % 8 == 0)]
    some.to_csv(folder / "nih-1000/Data_Entry_2017_v2020.csv", index=False)
    for name in ("images", "images-1024"):
        (folder / "nih-1000" / name).mkdir()
        for image in some["Image Index"]:
            if (source / name / image).exists():
                shutil.copy(source / name / image, folder / "nih-1000" / name)


def real_npz(folder: Path) -> None:
    """Lays out the first 600 rows of real logits, of two networks with two seeds."""
    (folder / "npz").mkdir()
    for file in (SHARED / "data/nih-test-predictions").glob("*net*1*_seed[01].npz"):
        held = np.load(file)
        names = ("test_logits", "test_labels", "test_patient")
        np.savez(folder / "npz" / file.name, **{name: held[name][:600] for name in names})
