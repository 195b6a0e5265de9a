"""A folder with the files of a small comparison, and its bundle."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cxrcompare.comparison.bundle.bundle_description import Sources
from cxrcompare.comparison.bundle.packing import pack
from cxrcompare.comparison.compare import Options


def write(folder):
    """Writes predictions of two models on 60 studies, validation, a reader and subgroups."""
    rng = np.random.default_rng(0)
    paths = {}
    for split in ("test", "valid"):
        labels = (rng.random((60, 2)) < 0.4).astype(float)
        ids = pd.DataFrame({"study_id": [f"{split}{n}" for n in range(60)]})
        ids["patient_id"] = [f"{split}p{n // 2}" for n in range(60)]

        def save(name, values, ids=ids):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            columns = pd.DataFrame(values, columns=["Edema", "Mass"])
            pd.concat([ids, columns], axis=1).to_csv(path, index=False)
            return str(path)

        paths[split] = [
            save(f"{split}/{name}.csv", np.clip(0.3 * labels + 0.7 * rng.random((60, 2)), 0, 1))
            for name in ("a", "b")
        ]
        paths[f"{split}_labels"] = save(f"{split}.csv", labels)
        paths["reader"] = save("reader.csv", labels) if split == "test" else paths["reader"]
    return Sources(
        paths["test"],
        [paths["test_labels"]],
        validation=paths["valid"],
        validation_reference=paths["valid_labels"],
        readers=[paths["reader"]],
    )


@pytest.fixture(scope="session")
def packed(tmp_path_factory):
    """A bundle with labels, one without, and the sources."""
    folder = tmp_path_factory.mktemp("bundle")
    sources = write(folder)
    options = Options(replicates=100, seed=3, scores=("b",), findings=("Mass", "Edema"))
    context = {"command": "cxrcompare bundle"}
    found = pack(sources, options, folder / "full.zip", labels=True, context=context)
    pack(sources, options, folder / "bare.zip", context=context)
    return SimpleNamespace(
        folder=folder,
        sources=sources,
        options=options,
        result=found,
        full=folder / "full.zip",
        bare=folder / "bare.zip",
    )
