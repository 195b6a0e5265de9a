"""Statistically sound comparison of chest-radiograph classifiers.

What is in `__all__` is the public interface; other modules may change in any version. Functions are
loaded on first use: importing the package loads no other library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxrcompare.api.arrays.array_tests import (
        Bootstrap,
        PairedDifference,
        bootstrap,
        delong_test,
    )
    from cxrcompare.api.arrays.multilabel import hamming_loss, subset_accuracy
    from cxrcompare.api.arrays.rates import (
        accuracy,
        f1,
        net_benefit,
        npv,
        precision,
        sensitivity,
        specificity,
    )
    from cxrcompare.api.arrays.scores import auprc, auroc, brier, ece, log_loss
    from cxrcompare.api.arrays.units import Estimate
    from cxrcompare.api.comparisons.comparing import compare, load
    from cxrcompare.api.comparisons.comparison_result import ComparisonResult
    from cxrcompare.api.comparisons.decisions import Verdict
    from cxrcompare.api.comparisons.ensembling import ensemble
    from cxrcompare.api.comparisons.operating_points import OperatingPoint
    from cxrcompare.api.steps.data_steps import list_datasets, make_sample, prepare, read_dataset
    from cxrcompare.api.steps.examining import examine, examine_run, repair
    from cxrcompare.api.steps.experiments import check_experiment, run, write_report
    from cxrcompare.api.steps.network_steps import (
        build_model,
        explain,
        list_models,
        localise,
        predict,
        train,
    )
    from cxrcompare.api.steps.sharing import bundle, card, schema, verify
    from cxrcompare.comparison.bundle.verifying import Verification
    from cxrcompare.errors import InputError, JobError
    from cxrcompare.explaining.maps import Maps
    from cxrcompare.predictions import Predictions, read_predictions, write_predictions
    from cxrcompare.progress import shown as show_progress

__version__ = "0.1.0"

_MODULES: dict[str, tuple[str, ...]] = {
    "api.arrays.array_tests": (
        "Bootstrap",
        "PairedDifference",
        "bootstrap",
        "delong_test",
    ),
    "api.arrays.multilabel": (
        "hamming_loss",
        "subset_accuracy",
    ),
    "api.arrays.rates": (
        "accuracy",
        "f1",
        "net_benefit",
        "npv",
        "precision",
        "sensitivity",
        "specificity",
    ),
    "api.arrays.scores": (
        "auprc",
        "auroc",
        "brier",
        "ece",
        "log_loss",
    ),
    "api.arrays.units": ("Estimate",),
    "api.comparisons.comparing": (
        "compare",
        "load",
    ),
    "api.comparisons.comparison_result": ("ComparisonResult",),
    "api.comparisons.decisions": ("Verdict",),
    "api.comparisons.ensembling": ("ensemble",),
    "api.comparisons.operating_points": ("OperatingPoint",),
    "api.steps.data_steps": (
        "list_datasets",
        "make_sample",
        "prepare",
        "read_dataset",
    ),
    "api.steps.examining": (
        "examine",
        "examine_run",
        "repair",
    ),
    "api.steps.experiments": (
        "check_experiment",
        "run",
        "write_report",
    ),
    "api.steps.network_steps": (
        "build_model",
        "explain",
        "list_models",
        "localise",
        "predict",
        "train",
    ),
    "api.steps.sharing": (
        "bundle",
        "card",
        "schema",
        "verify",
    ),
    "comparison.bundle.verifying": ("Verification",),
    "errors": (
        "InputError",
        "JobError",
    ),
    "explaining.maps": ("Maps",),
    "predictions": (
        "Predictions",
        "read_predictions",
        "write_predictions",
    ),
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
    "Verification",
    "__version__",
    "accuracy",
    "auprc",
    "auroc",
    "bootstrap",
    "brier",
    "build_model",
    "bundle",
    "card",
    "check_experiment",
    "compare",
    "delong_test",
    "ece",
    "ensemble",
    "examine",
    "examine_run",
    "explain",
    "f1",
    "hamming_loss",
    "list_datasets",
    "list_models",
    "load",
    "localise",
    "log_loss",
    "make_sample",
    "net_benefit",
    "npv",
    "precision",
    "predict",
    "prepare",
    "read_dataset",
    "read_predictions",
    "repair",
    "run",
    "schema",
    "sensitivity",
    "show_progress",
    "specificity",
    "subset_accuracy",
    "train",
    "verify",
    "write_predictions",
    "write_report",
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
