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
# # A tour: sample, train, compare, look, decide
#
# This notebook draws synthetic radiographs, trains two small networks, and asks which of them is
# better. It needs `pip install "cxrcompare[tensorflow,plots]"` (or `jax`, `torch`) and some minutes
# on a CPU. Open it with jupytext, or run it as a program.

# %%
from matplotlib import pyplot

import cxrcompare as cxr

# %% [markdown]
# ## Sample
#
# The sample has the layout of CheXpert and known labels. It is synthetic: nothing that is measured
# on it is a claim about medicine. `prepare` decodes every image once, and splits by patient.

# %%
folder = cxr.make_sample("tour/sample", images=2000, size=96)
store = cxr.prepare(cxr.read_dataset(folder), "tour/store", size=96)
rows = store.table.rows
rows.groupby("split")["patient_id"].nunique()

# %% [markdown]
# ## Train
#
# Two networks, from random weights. The networks see the same images and the same splits. An
# interrupted training continues with the same call.

# %%
names = ["mobilenet", "resnet34"]
for name in names:
    cxr.train(name, store, f"tour/{name}__seed0", weights="none", epochs=3, image_size=96)

# %% [markdown]
# ## Compare
#
# Thresholds are chosen on validation, and every number is measured on the test set. Predictions and
# labels are joined by id.

# %%
predicted = {
    split: {name: cxr.predict(f"tour/{name}__seed0", store.folder, split=split) for name in names}
    for split in ("valid", "test")
}
c = cxr.compare(
    predicted["test"],
    reference=rows[rows["split"] == "test"],
    validation=predicted["valid"],
    validation_reference=rows[rows["split"] == "valid"],
    findings="competition",
    margin=0.02,
)
c

# %% [markdown]
# ## Look
#
# The difference of the two networks with its interval, and the ROC curves of each finding.

# %%
c.plot.forest()
c.plot.roc()
pyplot.show()

# %%
c.warnings[["code", "model", "finding", "message"]]

# %% [markdown]
# ## Decide
#
# A network is better if the difference is significant, and equivalent if its interval is inside the
# margin. Else the question is open, and the sample size says how many studies would answer it.

# %%
decision = c.verdict("mobilenet", "resnet34")
print(decision.verdict, "-", decision.why)

# %%
c.sample_size(margin=0.02)

# %% [markdown]
# A threshold for screening: a sensitivity of at least 0.9 on validation, judged on the test set.

# %%
point = c.threshold("mobilenet", "Pleural Effusion", sensitivity=0.9)
print(f"threshold {point.threshold:.3f}")
print("sensitivity on test", point.sensitivity)
print("specificity on test", point.specificity)

# %% [markdown]
# The whole result, with its report, is one folder.

# %%
c.save("tour/comparison")
