"""ComparisonResult: the tables of a comparison as data frames, its decisions, plots and files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from cxrcompare.api.comparisons import decisions, short_table
from cxrcompare.api.comparisons.decisions import Verdict
from cxrcompare.api.comparisons.operating_points import OperatingPoint, operating_point
from cxrcompare.api.comparisons.plots import Plots
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.result.comparison import TABLES, Comparison
from cxrcompare.comparison.result.saving import KIND, write
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files, output_checks, output_folder


@dataclass(frozen=True, repr=False)
class ComparisonResult:
    """The result of a comparison.

    Every table is a new data frame with stable columns, which docs/comparison.schema.json
    describes; undefined numbers are NaN.

    Attributes:
        content: All results and the protocol; not part of the stable interface.
        inputs: The tables that were compared; None if the comparison was loaded.
    """

    content: Comparison
    inputs: Inputs | None = None

    @property
    def models(self) -> list[str]:
        """The names of the models in order of rank, without the baselines."""
        return [row["name"] for row in self.content.models if row["kind"] != "trivial"]

    @property
    def findings(self) -> list[str]:
        """The names of the findings."""
        return list(self.content.findings)

    @property
    def metrics(self) -> pd.DataFrame:
        """An estimate with its interval per model, seed ("all" is their mean), finding, metric."""
        return self.to_frame("metrics")

    @property
    def differences(self) -> pd.DataFrame:
        """A paired difference, `model_a` minus `model_b`, per pair, finding and metric."""
        return self.to_frame("differences")

    @property
    def ranks(self) -> pd.DataFrame:
        """The rank of each model with its interval and tie group, per metric."""
        return self.to_frame("ranks")

    @property
    def thresholds(self) -> pd.DataFrame:
        """The threshold of each run and finding, with the rule and the data that chose it."""
        return self.to_frame("thresholds")

    @property
    def counts(self) -> pd.DataFrame:
        """The positives, negatives and unknown labels of each finding."""
        return self.to_frame("counts")

    @property
    def readers(self) -> pd.DataFrame:
        """Each reader against each model, per finding; empty without readers."""
        return self.to_frame("readers")

    @property
    def warnings(self) -> pd.DataFrame:
        """The warnings; the column `code` is their kind."""
        return self.to_frame("warnings")

    @property
    def protocol(self) -> pd.DataFrame:
        """What was compared and how: columns `item` and `value`."""
        rows = short_table.flattened(dict(self.content.protocol))
        return pd.DataFrame(rows, columns=["item", "value"], dtype=object)

    @property
    def plot(self) -> Plots:
        """The figures, as matplotlib axes; needs the extra `plots`."""
        return Plots(self.content)

    def to_frame(self, table: str = "summary") -> pd.DataFrame:
        """Returns a table.

        Args:
            table: "summary", a row per model, or the name of a CSV file of a saved comparison:
                "metrics", "differences", "ranks", ...

        Raises:
            InputError: There is no table of that name.
        """
        if table == "summary":
            return short_table.summary(self.content)
        if table not in TABLES:
            choices = ", ".join(["summary", *TABLES])
            raise InputError(f"`table` must be one of {choices}. Received: {table}")
        frame: pd.DataFrame = getattr(self.content, table)
        return frame.copy()

    def verdict(self, a: str, b: str, finding: str = MEAN, metric: str = "auroc") -> Verdict:
        """Returns the decision on model `a` against model `b`.

        It is "better" or "worse" if the difference is significant after the correction for all
        pairs, "equivalent" if two one-sided tests show that it is below the margin, and else
        "undecided". The margin applies to the AUROC only.

        Args:
            a: A model.
            b: Another model, which is subtracted.
            finding: A finding, "mean" over findings, or "micro".
            metric: The metric, e.g. "auroc".

        Raises:
            InputError: There is no such model, finding or metric.
        """
        return decisions.verdict(self.content, a, b, finding, metric)

    def sample_size(self, margin: float | None = None) -> pd.DataFrame:
        """Returns how many studies a decision on the AUROCs of two models needs.

        The numbers assume the prevalence, the correlation of the models and the variation between
        seeds of this comparison. Alpha is divided by the number of pairs of models.

        Args:
            margin: The difference to show, above 0 and below 0.5; that of the comparison by
                default.

        Returns:
            Columns: finding ("mean" and each finding), margin, level, power,
            studies_difference (to detect a difference equal to the margin), studies_equivalence
            (to show that equal models differ by less than the margin), studies_present. A
            number is missing if no number of studies suffices, because the seeds vary too much.
            In a comparison of images, the numbers are images.

        Raises:
            InputError: The margin is out of range.
        """
        return decisions.sample_size(self.content, margin)

    def threshold(
        self,
        model: str,
        finding: str,
        sensitivity: float | None = None,
        specificity: float | None = None,
        *,
        seed: int | str | None = None,
    ) -> OperatingPoint:
        """Returns the threshold that reaches a sensitivity or a specificity on validation.

        Args:
            model: The model.
            finding: The finding.
            sensitivity: The least sensitivity on validation, in (0, 1]; of the thresholds that
                reach it, the one with the highest specificity is chosen.
            specificity: The least specificity on validation; one of the two must be given.
            seed: The seed of the run; needed if the model has several.

        Returns:
            The threshold, with the sensitivity, specificity and precision on the test set.

        Raises:
            InputError: There is no such run or finding, there was no validation set, or the
                comparison was loaded (its folder has no predictions).
        """
        return operating_point(self.inputs, model, finding, sensitivity, specificity, seed)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Writes what `cxrcompare compare` writes: CSV tables, `comparison.json`, and the report.

        Args:
            folder: New, empty, or an earlier comparison with nothing else in it.

        Returns:
            The folder.

        Raises:
            InputError: The folder contains something else, or an input.
        """
        from cxrcompare.reporting.report import fill

        out = Path(folder)
        output_checks.check_writable(out)
        output_checks.check_inputs(out, self._input_files())
        with output_folder.replacing(out, KIND) as partial:
            write(self.content, partial)
            fill(self.content, partial)
        return out

    def to_html(self, path: str | os.PathLike[str]) -> Path:
        """Writes the report as one HTML file, which opens offline; returns its path."""
        from cxrcompare.reporting.formats import page
        from cxrcompare.reporting.results.lookup import Results

        results = Results(self.content)
        files.write_text(path, page.render(results, page.figures(results)))
        return Path(path)

    def to_latex(self, table: str = "metrics_ranking") -> str:
        r"""Returns a table as LaTeX (booktabs), for `\input`.

        Args:
            table: The name of a file of `tables/` of a saved comparison, without `.tex`:
                "metrics_ranking", "auroc_by_finding", "differences", ...

        Raises:
            InputError: There is no table of that name.
        """
        from cxrcompare.reporting.formats import latex
        from cxrcompare.reporting.results.lookup import Results

        found = latex.tables(Results(self.content))
        if table not in found:
            raise InputError(f"`table` must be one of {', '.join(found)}. Received: {table}")
        return found[table]

    def methods(self, style: Literal["markdown", "latex"] = "markdown") -> str:
        r"""Returns the methods section of a paper, with citations of the methods that were used.

        It states only what the comparison's protocol and tables hold.

        Args:
            style: "markdown", with citations for pandoc, or "latex", with citations by `\cite`.

        Raises:
            InputError: There is no such style.
        """
        from cxrcompare.reporting.paper import methods_section
        from cxrcompare.reporting.results.lookup import Results

        styles = {"markdown": methods_section.markdown, "latex": methods_section.latex}
        if style not in styles:
            raise InputError(f"`style` must be one of {', '.join(styles)}. Received: {style}")
        return styles[style](Results(self.content))

    def cite(self, folder: str | os.PathLike[str]) -> Path:
        """Writes what `cxrcompare cite` writes: methods, BibTeX, checklists and tables.

        Args:
            folder: New, empty, or an earlier paper kit with nothing else in it.

        Returns:
            The folder.

        Raises:
            InputError: The folder contains something else.
        """
        from cxrcompare.reporting.paper import paper_files

        output_checks.check_writable(Path(folder))
        paper_files.write(self.content, Path(folder))
        return Path(folder)

    def _input_files(self) -> list[Path]:
        if self.inputs is None:
            return []
        standard = self.inputs.standard
        paths = [one.path for one in self.inputs.predictions if one.stored]
        return [*paths, standard.path] if standard.stored else paths

    def __repr__(self) -> str:
        return short_table.text(self.content)

    def _repr_html_(self) -> str:
        return short_table.html(self.content)
