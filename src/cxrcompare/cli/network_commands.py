"""The commands that train and apply networks: run, train, predict and explain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cxrcompare import extras
from cxrcompare.cli.output import command_line, given, say, show, show_comparison, show_lines
from cxrcompare.filesystem import output_checks


def run(experiment: Path | None, out: Path | None, check: bool, **options: Any) -> None:
    """Train several architectures with several seeds, evaluate, compare and report.

    Without arguments, the command trains the five architectures of the original study on the
    embedded synthetic sample. Run the same command again to continue an interrupted one. Options
    override the settings of the file, which override the defaults. Before the first long step, the
    command checks everything that can fail later, and prints what it checked.
    """
    extras.need_training("`cxrcompare run`")
    from cxrcompare import experiment as package

    chosen = package.load(experiment, given(options))
    folder = out or Path("runs") / chosen.name
    output_checks.check_writable(folder)
    if check:
        show_lines(package.check(chosen, folder).lines)
        return
    from cxrcompare.reporting.results.lookup import Results

    found = package.run(chosen, folder, command_line())
    show_comparison(found, Results(found), folder / "comparison")


def train(model: str, store: Path, out: Path, seed: int, **options: Any) -> None:
    """Train one network on an image store.

    Run the same command again to continue an interrupted training.
    """
    extras.need_training("`cxrcompare train`")
    from cxrcompare import experiment as package

    summary = package.train_one(model, store, out, seed, given(options))
    show([[key, f"{v:.4g}" if isinstance(v, float) else str(v)] for key, v in summary.items()])


def predict(run: Path, input: Path, out: Path, **options: Any) -> None:
    """Write a trained network's probabilities for a store's split, or for image or DICOM files.

    The output must be a new file: no existing file is replaced. Undecodable files of a folder are
    listed in a file next to it, with the suffix `.rejected.csv`. The other files are predicted,
    even if the exit status is 1 because too many files were rejected.
    """
    extras.need_training("`cxrcompare predict`")
    from cxrcompare.training.predict import predict as write_predictions

    write_predictions(run, input, out, **options)
    say(f"predictions: {out}")


def explain(
    runs: list[Path],
    input: Path,
    out: Path,
    regions: Path | None = None,
    readers: list[Path] | None = None,
    **options: Any,
) -> None:
    """Show where trained networks find evidence: maps, overlays and a page to browse them.

    A map shows how much each part of an image adds to the logit of a finding. It takes one forward
    pass. If the data set of a store has masks or boxes of findings, the maps are measured against
    them, with intervals and paired tests: localisation.csv and other tables. The output folder must
    be new, empty, or an earlier explanation, which is replaced.
    """
    extras.need_training("`cxrcompare explain`")
    from cxrcompare.explaining import explain as write_maps
    from cxrcompare.explaining.measuring import Measuring
    from cxrcompare.localisation.summary import summary, warning_lines

    how = {"split": options["split"], "method": options["method"]}
    measuring = Measuring(runs, input, regions=regions, readers=readers or (), **how)
    found = write_maps(runs, input, out, also=measuring, **options)
    for maps in found:
        height, width = maps.values.shape[2:]
        say(f"{maps.run}: {len(maps.ids):,} images, {height} x {width} cells; {maps.method}")
    if measuring.found is not None:
        show(summary(measuring.found))
        for line in warning_lines(measuring.found):
            say(line)
    say(f"page: {out / 'index.html'}")
