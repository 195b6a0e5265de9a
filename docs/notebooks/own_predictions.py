# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Bring your own predictions
#
# Three models of three libraries are compared on the same studies: scikit-learn, Keras and PyTorch.
# The data are random numbers in place of image embeddings; replace them by your own. It needs
# `pip install "cxrcompare[tensorflow,plots]"`; PyTorch is used if it is installed.

# %%
import importlib.util

import numpy as np
from matplotlib import pyplot

import cxrcompare as cxr

# %% [markdown]
# ## Ids, findings and labels
#
# A table of predictions has ids, the names of the findings, and a score per id and finding. Tables
# are joined by id: the order of rows has no effect. `patient_id` says which studies are of one patient.

# %%
rng = np.random.default_rng(0)
findings = ["Cardiomegaly", "Edema", "Pleural Effusion"]
studies = np.array([f"s{number}" for number in range(900)])
patients = np.array([f"p{number // 2}" for number in range(900)])
features = rng.normal(size=(900, 16)).astype("float32")
labels = (features[:, :3] + 0.8 * rng.normal(size=(900, 3)) > 0.8).astype(int)
fitted, valid, test = slice(0, 300), slice(300, 600), slice(600, 900)


def table(part, scores):
    return {
        "ids": studies[part],
        "patient_id": patients[part],
        "findings": findings,
        "scores": scores,
    }


# %% [markdown]
# ## scikit-learn: one line

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

classifier = OneVsRestClassifier(LogisticRegression()).fit(features[fitted], labels[fitted])
logistic = {
    part: table(rows, classifier.predict_proba(features[rows]))
    for part, rows in (("valid", valid), ("test", test))
}

# %% [markdown]
# ## Keras: one line

# %%
import keras

network = keras.Sequential([keras.layers.Dense(3, activation="sigmoid")])
network.compile(optimizer=keras.optimizers.Adam(0.01), loss="binary_crossentropy")
network.fit(features[fitted], labels[fitted], epochs=5, verbose=0)
dense = {
    part: table(rows, network.predict(features[rows], verbose=0))
    for part, rows in (("valid", valid), ("test", test))
}
models = {"logistic": logistic, "dense": dense}

# %% [markdown]
# ## PyTorch: one line
#
# The sigmoid makes probabilities of logits; `detach` and `cpu` bring them to NumPy.

# %%
if importlib.util.find_spec("torch"):
    import torch

    linear = torch.nn.Linear(16, 3)  # not trained, to have a weak model in the comparison
    models["linear"] = {
        part: table(rows, linear(torch.from_numpy(features[rows])).sigmoid().detach().cpu().numpy())
        for part, rows in (("valid", valid), ("test", test))
    }

# %% [markdown]
# ## Compare
#
# Thresholds are chosen on validation. Patients of validation and test must differ.

# %%
c = cxr.compare(
    {name: parts["test"] for name, parts in models.items()},
    table(test, labels[test]),
    validation={name: parts["valid"] for name, parts in models.items()},
    validation_reference=table(valid, labels[valid]),
    margin=0.02,
)
c

# %%
decision = c.verdict("logistic", "dense")
print(decision.verdict, "-", decision.why)

# %%
c.plot.roc("Edema")
c.plot.calibration("Edema")
pyplot.show()

# %% [markdown]
# One metric of one finding needs no comparison: the functions of arrays have scikit-learn's order
# of arguments, and give an interval that is clustered by patient.

# %%
cxr.auroc(labels[test, 1], logistic["test"]["scores"][:, 1], groups=patients[test])

# %% [markdown]
# ## Keep
#
# The folder has the report, all tables, and the draft of a methods section with its references.

# %%
c.save("own/comparison")
c.cite("own/paper")
print(c.methods()[:400])
