"""A comparison that has rows in every table."""

import dataclasses

import numpy as np
import pandas as pd

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import table as result_table
from cxrcompare.comparison.row_types.calibration_rows import ViewsCalibrationRow
from cxrcompare.comparison.row_types.localisation_rows import (
    LocalisationCorrectnessRow,
    LocalisationDifferenceRow,
    LocalisationRow,
    MapAgreementRow,
    MapMassRow,
)

THREE = ("Edema", "Cardiomegaly", "Mass")


def _more():
    """Returns the tables of localisation and of the views of studies, one row of each kind."""
    nan = float("nan")
    rows = {
        "localisation": [
            LocalisationRow("a", "Edema", one, 0.5, 0.4, 0.6, 9, 9, 9, 0.1, "network", "Wilson")
            for one in ("hit_rate", "iou", "map_auroc", "map_ap")
        ],
        "map_agreement": [
            MapAgreementRow("a", "b", one, 0.5, 0.4, 0.6, 30, False)
            for one in ("seeds", "networks", "random weights")
        ],
    }
    others = {
        "localisation_differences": LocalisationDifferenceRow,
        "localisation_correctness": LocalisationCorrectnessRow,
        "map_mass": MapMassRow,
        "views_calibration": ViewsCalibrationRow,
    }
    for name, kind in others.items():
        rows[name] = [kind(**dict.fromkeys(kind._fields, nan) | _words(kind))]
    return rows


def _words(kind):
    known = {"model": "a", "model_a": "a", "model_b": "b", "finding": "Edema", "metric": "iou"}
    known |= {"method": "t", "verdict": "", "margin": 0.05, "p_equivalence": 0.2, "flagged": False}
    return {name: value for name, value in known.items() if name in kind._fields}


def make_full(folder):
    """Returns a comparison that has rows in every table; writes a file to a folder."""
    rng = np.random.default_rng(4)
    number = np.arange(160)

    def split(letter):
        signal = rng.normal(size=(160, 3))
        labels = (signal + 0.4 * rng.normal(size=signal.shape) > 0.4).astype(float)
        ids = pd.DataFrame({"study_id": [f"{letter}{n}" for n in number]})
        ids["patient_id"] = [f"{letter}p{n // 2}" for n in number]

        def table(values):
            return pd.concat([ids, pd.DataFrame(values, columns=list(THREE))], axis=1)

        def flipped(share):
            return table(np.where(rng.random(labels.shape) < share, 1 - labels, labels))

        models = {
            name: table(1 / (1 + np.exp(0.4 - signal - noise * rng.normal(size=signal.shape))))
            for name, noise in (("first", 0.5), ("second", 1.0))
        }
        about = ids.assign(
            sex=np.where(number // 2 % 3, "F", "M"),
            hospital=np.array(list("AABC"))[number // 2 % 4],
        )
        return table(labels), models, flipped, about

    reference, models, flipped, about = split("t")
    known, chosen_on, _, other = split("v")
    site = folder / "site.csv"
    site.write_text("finding,prevalence,cost_false_positive,cost_miss\nEdema,0.03,1,40\n")
    found = compare(
        models,
        reference,
        validation=chosen_on,
        validation_reference=known,
        readers={"one": flipped(0.1), "two": flipped(0.15), "three": flipped(0.2)},
        subgroups=pd.concat([about, other]),
        second_reference=flipped(0.1),
        labeller_rates=dict.fromkeys(THREE, (0.9, 0.95)),
        options=Options(
            replicates=100,
            margin=0.03,
            site="hospital",
            ensemble=("both=first,second", "best"),
            prevalence=str(site),
            min_patients=5,
            gap_margin=0.04,
        ),
    )
    more = {name: result_table(name, rows) for name, rows in _more().items()}
    return dataclasses.replace(found, **more)
