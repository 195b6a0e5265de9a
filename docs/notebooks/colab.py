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
# # Five networks and their ensemble on Colab
#
# The notebook trains five networks on CheXpert-small with a GPU of Colab, and compares them and their
# ensemble. Colab can stop the session at any time. All results that took time are on your drive: open
# the notebook again, run all cells, and each command continues where it stopped.
#
# What was tested: the tests of the project run these cells and commands on small synthetic images, with
# a folder in place of the drive and a small network. What needs Colab itself was not run: the drive,
# the GPU, the installation, and the time of a training.
#
# Choose *Runtime, Change runtime type, GPU* first.

# %%
from google.colab import drive

drive.mount("/content/drive")

# %% [markdown]
# ## Install
#
# Colab has TensorFlow with its GPU build; the extra `training` leaves it as it is. Put a copy of the
# project, or its wheel, on the drive.

# %%
# !pip install "cxrcompare[training,plots] @ file:///content/drive/MyDrive/cxrcompare"

# %%
# !nvidia-smi

# %% [markdown]
# ## Prepare, in place
#
# CheXpert-v1.0-small lies on the drive as it was unpacked: `train.csv`, `valid.csv` and the folders.
# No image is copied or changed. Each is decoded once into an image store of 224 pixels, about 11 GB. The
# command continues an interrupted one.

# %%
# !cxrcompare prepare /content/drive/MyDrive/CheXpert-v1.0-small --size 224 --out /content/drive/MyDrive/store

# %% [markdown]
# Training reads images in random order, which is slow on a drive. So the store is copied to the local
# disk of the machine, once per machine.

# %%
import shutil
from pathlib import Path

if not Path("/content/store/store.json").exists():
    shutil.copytree("/content/drive/MyDrive/store", "/content/store", dirs_exist_ok=True)

# %% [markdown]
# ## Train
#
# One command per network. The run folders are on the drive: after an interruption the same command
# continues at the last checkpoint, and a finished run is not trained again.

# %%
# !cxrcompare train resnet34 --store /content/store --out /content/drive/MyDrive/runs/resnet34__seed0

# %%
# !cxrcompare train resnet50 --store /content/store --out /content/drive/MyDrive/runs/resnet50__seed0

# %%
# !cxrcompare train resnet101 --store /content/store --out /content/drive/MyDrive/runs/resnet101__seed0

# %%
# !cxrcompare train densenet121 --store /content/store --out /content/drive/MyDrive/runs/densenet121__seed0

# %%
# !cxrcompare train mobilenet --store /content/store --out /content/drive/MyDrive/runs/mobilenet__seed0

# %% [markdown]
# ## The ensemble
#
# The mean of the probabilities of the five networks, joined by image. It is one more model, and it is
# compared as such: its predictions on validation choose its thresholds.

# %%
import pandas as pd

names = ["resnet34", "resnet50", "resnet101", "densenet121", "mobilenet"]
predicted = {}
for split in ("valid", "test"):
    files = {
        name: f"/content/drive/MyDrive/runs/{name}__seed0/predictions/{split}.csv" for name in names
    }
    tables = [pd.read_csv(file) for file in files.values()]
    ids = [column for column in tables[0] if column.endswith("_id")]
    mean = pd.concat(tables).groupby(ids, sort=False).mean().reset_index()
    predicted[split] = files | {"ensemble": mean}

# %% [markdown]
# ## Compare

# %%
import cxrcompare as cxr

rows = pd.read_csv("/content/store/table.csv")
c = cxr.compare(
    predicted["test"],
    rows[rows["split"] == "test"],
    validation=predicted["valid"],
    validation_reference=rows[rows["split"] == "valid"],
    margin=0.02,
)
c

# %%
c.plot.forest()

# %%
c.save("/content/drive/MyDrive/comparison")
c.cite("/content/drive/MyDrive/paper")
