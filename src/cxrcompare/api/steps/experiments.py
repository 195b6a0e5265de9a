"""Whole experiments from Python: checked, run, and their reports written again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrcompare import extras

if TYPE_CHECKING:
    from cxrcompare.api.comparisons.comparison_result import ComparisonResult
    from cxrcompare.experiment import Settings


def run(
    experiment: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> ComparisonResult:
    """Trains several networks with several seeds, compares and reports them.

    The same call continues an interrupted one, and computes nothing twice.

    Args:
        experiment: A TOML file of settings; without it, the five networks on the embedded sample.
        out: The folder for the store, the runs and the comparison; `runs/NAME` by default.
        settings: Settings that override those of the file (docs/options.md): models, seeds, data,
            ...; those of a table by dotted key, `**{"training.epochs": 5}`.

    Returns:
        The result of the comparison; its report is `comparison/report.html` in the folder.

    Raises:
        InputError: A setting or the data is wrong, or Keras is not installed.
        JobError: A training failed.
    """
    extras.need_training("run")
    from cxrcompare import experiment as package
    from cxrcompare.api.comparisons.comparison_result import ComparisonResult
    from cxrcompare.filesystem import output_checks

    chosen, folder = _loaded(experiment, out, settings)
    output_checks.check_writable(folder)
    return ComparisonResult(package.run(chosen, folder))


def check_experiment(
    experiment: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    **settings: Any,
) -> list[str]:
    """Checks everything that can fail later in `run`; trains nothing and writes nothing.

    Args:
        experiment: As for `run`.
        out: As for `run`.
        settings: As for `run`.

    Returns:
        What was checked, with its values, a line each.

    Raises:
        InputError: A setting or the data is wrong; several problems are reported together.
    """
    extras.need_training("check_experiment")
    from cxrcompare import experiment as package

    return list(package.check(*_loaded(experiment, out, settings)).lines)


def write_report(folder: str | os.PathLike[str], cases: int | None = None) -> Path:
    """Writes the report of a finished comparison again.

    Args:
        folder: The folder of the comparison.
        cases: The largest number of radiographs of each rule and finding to select again, for a
            comparison of `run`; those of the earlier report by default.

    Returns:
        The path of the report.

    Raises:
        InputError: The folder is not that of a comparison, or its runs or store are missing.
    """
    path = Path(folder)
    if cases is None:
        from cxrcompare.reporting.report import rewrite

        rewrite(path)
    else:
        extras.need_training("write_report")
        from cxrcompare.experiment.case_report import rewrite_with_cases

        rewrite_with_cases(path, cases)
    return path / "report.html"


def _loaded(
    experiment: str | os.PathLike[str] | None,
    out: str | os.PathLike[str] | None,
    settings: dict[str, Any],
) -> tuple[Settings, Path]:
    from cxrcompare import experiment as package

    chosen = package.load(None if experiment is None else Path(experiment), settings)
    return chosen, Path("runs") / chosen.name if out is None else Path(out)
