"""Experiments: trains networks x seeds, compares and reports them; resumes after interruption."""

from cxrcompare.experiment.checking import check
from cxrcompare.experiment.run import run, train_one
from cxrcompare.experiment.settings import Settings, load, load_columns

__all__ = ["Settings", "check", "load", "load_columns", "run", "train_one"]
