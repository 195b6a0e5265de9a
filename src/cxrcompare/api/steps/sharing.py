"""Sharing: bundles of comparisons, their verification, model cards, and the schema of results."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxrcompare.api.comparisons.comparison_result import ComparisonResult
from cxrcompare.comparison.bundle.verifying import Verification
from cxrcompare.filesystem import files, output_checks

if TYPE_CHECKING:
    from cxrcompare.comparison.result.comparison import Comparison

    StrPath = str | os.PathLike[str]


def bundle(
    predictions: Sequence[StrPath],
    reference: StrPath | Sequence[StrPath],
    out: StrPath,
    *,
    validation: Sequence[StrPath] = (),
    validation_reference: StrPath | None = None,
    readers: Sequence[StrPath] = (),
    metadata: StrPath | None = None,
    thresholds: StrPath | float | None = None,
    second_reference: StrPath | None = None,
    labeller_rates: StrPath | None = None,
    prevalence: StrPath | None = None,
    with_labels: bool = False,
    context: Mapping[str, Any] | None = None,
    **options: Any,
) -> ComparisonResult:
    """Compares prediction files, and packs them with the result for another machine to verify.

    Args:
        predictions: The files of predictions, named after the models.
        reference: The file of the reference standard, or several, one per site.
        out: The bundle, a new file.
        validation: As for `compare`; a file, like all further tables.
        validation_reference: As for `compare`.
        readers: As for `compare`.
        metadata: As for `compare`.
        thresholds: As for `compare`.
        second_reference: As for `compare`.
        labeller_rates: As for `compare`.
        prevalence: As for `compare`.
        with_labels: Whether to include reference standards, readers and metadata, which otherwise
            are named by their hash only.
        context: As for `compare`.
        options: Other options of `compare`: margin, replicates, ...

    Returns:
        The result of the comparison.

    Raises:
        InputError: A file or an option is not valid, or `out` exists.
    """
    from cxrcompare.comparison.bundle.bundle_description import Sources
    from cxrcompare.comparison.bundle.packing import pack
    from cxrcompare.comparison.compare_options import Options

    unknown = set(options) - set(Options.__dataclass_fields__)
    if unknown:
        raise TypeError(f"bundle() got an unexpected keyword argument {min(unknown)!r}")
    output_checks.check_new_file(Path(out), "`out`")
    standards = [reference] if isinstance(reference, str | os.PathLike) else reference
    sources = Sources(
        _texts(predictions),
        _texts(standards),
        validation=_texts(validation),
        validation_reference=_text(validation_reference),
        readers=_texts(readers),
        subgroups=_text(metadata),
        thresholds=_text(thresholds),
        second_reference=_text(second_reference),
        labeller_rates=_text(labeller_rates),
        prevalence=_text(prevalence),
    )
    found = pack(sources, Options(**options), Path(out), labels=with_labels, context=context)
    return ComparisonResult(found)


def verify(bundle: StrPath, labels: Sequence[StrPath] = ()) -> Verification:
    """Checks the hashes of a bundle, computes its result again, and tells what differs.

    Args:
        bundle: A file of `bundle`.
        labels: Files that the bundle does not include, in any order, recognised by their hash.

    Returns:
        The outcome: `words` is one line, `different` the first values that differ (none if the
        result is equal within rounding), `versions` the packages with another version here.

    Raises:
        InputError: It is not a bundle, a file was changed or is missing, or it cannot be compared.
    """
    from cxrcompare.comparison.bundle.verifying import verify as recompute

    return recompute(Path(bundle), [Path(one) for one in labels])


def card(
    run: StrPath,
    comparison: ComparisonResult | StrPath | None = None,
    out: StrPath | None = None,
) -> str:
    """Returns the model card of a run in the format of the Hugging Face Hub.

    Args:
        run: The folder of a finished training.
        comparison: A comparison that has the run, or its folder; by default the folder `comparison`
            beside the run, if there is one.
        out: The file to write too, which must be new.

    Raises:
        InputError: The run is not finished, the comparison does not have it, `out` exists, or the
            extra `card` is not installed.
    """
    from cxrcompare.comparison.result.comparison import read
    from cxrcompare.comparison.result.saving import FILE
    from cxrcompare.reporting.card import model_card, run_facts

    if out is not None:
        output_checks.check_new_file(Path(out), "`out`")
    found: Comparison | None = None
    beside = Path(run).resolve().parent / "comparison"
    if isinstance(comparison, ComparisonResult):
        found = comparison.content
    elif comparison is not None:
        found = read(Path(comparison) / FILE)
    elif (beside / FILE).is_file():
        found = read(beside / FILE)
    text = model_card.card(run_facts.read(Path(run)), found)
    if out is not None:
        files.write_text(Path(out), text)
    return text


def schema() -> dict[str, Any]:
    """Returns the JSON Schema of `comparison.json`, as a dict."""
    from cxrcompare.comparison.result.content import schema_text

    found: dict[str, Any] = json.loads(schema_text())
    return found


def _text(given: StrPath | float | None) -> str | None:
    return given if given is None else str(given)


def _texts(given: Sequence[StrPath]) -> list[str]:
    return [str(one) for one in given]
