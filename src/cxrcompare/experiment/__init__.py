"""Experiments: trains networks x seeds, compares and reports them; resumes after interruption."""

from cxrcompare.experiment.checking import check
from cxrcompare.experiment.reading_settings import load, load_columns
from cxrcompare.experiment.run import run, train_one
from cxrcompare.experiment.settings import Settings

__all__ = ["Settings", "check", "load", "load_columns", "run", "train_one"]
