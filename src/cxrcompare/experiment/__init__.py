"""Networks x seeds: trained, compared and reported, resumed after an interruption."""

from cxrcompare.experiment.run import run, train_one
from cxrcompare.experiment.settings import Settings, load

__all__ = ["Settings", "load", "run", "train_one"]
