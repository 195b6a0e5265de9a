"""The commands on data sets and images: prepare, sample, and the lists of what can be named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cxrcompare import extras
from cxrcompare.cli.output import given, say, show, show_lines


def prepare(
    dataset_dir: Path,
    out: Path,
    dataset: str | None,
    columns: Path | None,
    preview: int | None,
    follow_links: bool,
    **options: Any,
) -> None:
    """Decode every image of a data set once into an image store.

    Run the same command again to continue an interrupted one.
    """
    extras.need("`cxrcompare prepare`", "images")
    from cxrcompare import datasets, experiment
    from cxrcompare.images.prepare import prepare as decode
    from cxrcompare.labels import splits

    named = {key: options.pop(key) for key in [*options] if key.startswith("columns.")}
    own = experiment.load_columns(columns, given(named))
    data = datasets.read(dataset, dataset_dir, own, follow_links=follow_links)
    for line in datasets.decisions(data):
        say(line)
    table = splits.assign(data)
    store = decode(table, out, **options)
    checked = splits.disjointness(store.table, store.hashes)
    if preview:
        from cxrcompare.images.preview import preview as contact_sheet

        contact_sheet(store, preview, out / "preview.png")
    patients = checked.patients or {}
    counts = [
        [str(name), f"{len(part):,}", f"{part['study_id'].nunique():,}"]
        for name, part in store.table.rows.groupby("split", sort=False)
    ]
    for row in counts:
        row.append(f"{patients[row[0]]:,}" if row[0] in patients else "not known")
    show([["split", "images", "studies", "patients"], *counts])
    say(f"rejected: {len(table) - len(store.table)} of {len(table):,} images; store: {out}")


def sample(out: Path, **options: Any) -> None:
    """Write the embedded sample: synthetic radiographs as a data set in the CheXpert layout."""
    extras.need("`cxrcompare sample`", "fast", "images")
    from cxrcompare.synthetic import write_sample

    write_sample(out, **options)
    say(f"synthetic sample: {out}")


def models() -> None:
    """List the available architectures, one per line."""
    from cxrcompare.models import describe

    show_lines(describe())


def datasets() -> None:
    """List the supported data sets, one per line."""
    from cxrcompare.datasets import describe

    show([list(line) for line in describe()])
