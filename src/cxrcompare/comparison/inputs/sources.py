"""What a comparison reads: the files, tables and numbers that the user gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cxrcompare.comparison.inputs.given_prevalence import PrevalenceSource
    from cxrcompare.comparison.inputs.input_tables import Readers, Runs
    from cxrcompare.comparison.inputs.second_labels import RatesSource
    from cxrcompare.comparison.inputs.several_sites import References
    from cxrcompare.comparison.inputs.thresholds.given_thresholds import ThresholdsSource
    from cxrcompare.predictions import Reference, TableSource


@dataclass(frozen=True)
class Sources:
    """The files and tables of a comparison, not yet read.

    Attributes:
        predictions: One table per run: files, named after the models, or {name: table}; a table is
            a file, a data frame, a dict of arrays or `Predictions`, joined by id. The names
            `name__seed0`, `name__seed1`, or a list of tables, are seeds of `name`.
        reference: The reference standard of the test set; a table as above. A list of references
            is several sites, named after their files; the predictions of a run may then be in
            several files of one name.
        validation: Predictions of the same runs on other patients; used to choose thresholds.
        validation_reference: The reference standard of validation.
        readers: One table per human reader of the test set.
        subgroups: A table of sex, age, view, ... of the test set. The metadata baseline is fitted
            on its other rows that have labels (training), else on its rows of validation.
        thresholds: Thresholds to use instead of choosing them: one number, or a table with the
            columns finding, threshold and optionally model.
        second_reference: Other labels of the same test set, e.g. of experts.
        labeller_rates: The sensitivity and specificity of the labeller of the reference: a table
            with the columns finding, sensitivity, specificity, or {finding: (both)}.
        prevalence: The prevalence at your site, instead of the file of the options:
            {finding: prevalence}, or a table with the columns finding and prevalence, and
            optionally cost_false_positive and cost_miss.
    """

    predictions: Runs
    reference: References
    validation: Runs = ()
    validation_reference: TableSource | Reference | None = None
    readers: Readers = ()
    subgroups: TableSource | None = None
    thresholds: ThresholdsSource | None = None
    second_reference: TableSource | Reference | None = None
    labeller_rates: RatesSource | None = None
    prevalence: PrevalenceSource | None = None
