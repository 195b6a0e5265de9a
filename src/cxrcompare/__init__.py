"""Statistically sound comparison of chest-radiograph classifiers.

What is in `__all__` is the public interface; other modules may change in any version. Functions are
loaded on first use: importing the package loads no other library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxrcompare.api.array_tests import Bootstrap, PairedDifference, bootstrap, delong_test
    from cxrcompare.api.arrays import Estimate
    from cxrcompare.api.comparing import compare, load
    from cxrcompare.api.comparison_result import ComparisonResult
    from cxrcompare.api.decisions import Verdict
    from cxrcompare.api.multilabel import hamming_loss, subset_accuracy
    from cxrcompare.api.operating_points import OperatingPoint
    from cxrcompare.api.rates import accuracy, f1, npv, precision, sensitivity, specificity
    from cxrcompare.api.scores import auprc, auroc, brier, ece, log_loss
    from cxrcompare.api.workflow import (
        build_model,
        explain,
        make_sample,
        predict,
        prepare,
        read_dataset,
        train,
    )
    from cxrcompare.errors import InputError, JobError
    from cxrcompare.explaining.maps import Maps
    from cxrcompare.predictions import Predictions, read_predictions, write_predictions
    from cxrcompare.progress import shown as show_progress

__version__ = "0.1.0"

_MODULES: dict[str, tuple[str, ...]] = {
    "api.array_tests": ("Bootstrap", "PairedDifference", "bootstrap", "delong_test"),
    "api.arrays": ("Estimate",),
    "api.comparing": ("compare", "load"),
    "api.comparison_result": ("ComparisonResult",),
    "api.decisions": ("Verdict",),
    "api.multilabel": ("hamming_loss", "subset_accuracy"),
    "api.operating_points": ("OperatingPoint",),
    "api.rates": ("accuracy", "f1", "npv", "precision", "sensitivity", "specificity"),
    "api.scores": ("auprc", "auroc", "brier", "ece", "log_loss"),
    "api.workflow": (
        "build_model",
        "explain",
        "make_sample",
        "predict",
        "prepare",
        "read_dataset",
        "train",
    ),
    "errors": ("InputError", "JobError"),
    "explaining.maps": ("Maps",),
    "predictions": ("Predictions", "read_predictions", "write_predictions"),
    "progress": ("show_progress",),
}
_RENAMED = {"show_progress": "shown"}
_PLACES = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "Bootstrap",
    "ComparisonResult",
    "Estimate",
    "InputError",
    "JobError",
    "Maps",
    "OperatingPoint",
    "PairedDifference",
    "Predictions",
    "Verdict",
    "__version__",
    "accuracy",
    "auprc",
    "auroc",
    "bootstrap",
    "brier",
    "build_model",
    "compare",
    "delong_test",
    "ece",
    "explain",
    "f1",
    "hamming_loss",
    "load",
    "log_loss",
    "make_sample",
    "npv",
    "precision",
    "predict",
    "prepare",
    "read_dataset",
    "read_predictions",
    "sensitivity",
    "show_progress",
    "specificity",
    "subset_accuracy",
    "train",
    "write_predictions",
]


if not TYPE_CHECKING:  # type checkers must not take unknown names for known ones

    def __getattr__(name: str) -> Any:
        """Imports a function or class of the public interface on first use."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), _RENAMED.get(name, name))
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    """Returns the names of the public interface."""
    return sorted(__all__)
