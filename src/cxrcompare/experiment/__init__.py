"""Models x seeds -> runs -> comparison -> report, continued where an earlier run stopped."""

from cxrcompare.experiment.run import run, train_one
from cxrcompare.experiment.settings import Settings, load

__all__ = ["Settings", "load", "run", "train_one"]
