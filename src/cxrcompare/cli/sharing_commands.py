"""The commands that share results: paper kit, bundle, and its verification."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxrcompare.cli.output import command_line, say, show, write_text
from cxrcompare.errors import JobError
from cxrcompare.filesystem import output_checks


def cite(folder: Path, out: Path) -> None:
    """Write a paper's methods section, its references, checklists and tables, from a comparison.

    Every statement is from the comparison's protocol and tables. Items of the checklists TRIPOD+AI
    and CLAIM 2024 that it cannot answer are marked for the author.
    """
    from cxrcompare.comparison.result.comparison import read
    from cxrcompare.comparison.result.saving import FILE
    from cxrcompare.reporting.paper.paper_files import write

    show([[name, words] for name, words in write(read(folder / FILE), out).items()])
    say(f"paper kit: {out}")


def card(run: Path, comparison: Path | None, out: Path | None) -> None:
    """Write the model card of a run in the format of the Hugging Face Hub.

    The metrics and their intervals are those of the comparison. What only the author knows, such as
    the intended use, is marked. Nothing is sent anywhere.
    """
    from cxrcompare.api.steps.sharing import card as model_card

    if out is not None:
        output_checks.check_new_file(out)
    text = model_card(run, comparison, out)
    if out is None:
        write_text(text)
    else:
        say(f"model card: {out}")


def bundle(
    predictions: list[Path], reference: list[Path], out: Path, with_labels: bool, **options: Any
) -> None:
    """Compare prediction files, and pack them with the result for another machine to verify.

    The bundle has the predictions, the result, versions, options and command, and the hash of every
    input. Reference standards, readers and subgroups are included only with --with-labels.
    """
    from cxrcompare.api.steps.sharing import bundle as pack
    from cxrcompare.comparison.result.summary import summary_table

    output_checks.check_new_file(out)
    context = {
        "command": command_line(),
        "title": options.pop("title"),
        "data": options.pop("data_name"),
    }
    metadata = options.pop("subgroups")
    found = pack(
        predictions,
        reference,
        out,
        metadata=metadata,
        with_labels=with_labels,
        context=context,
        **options,
    ).content
    show(summary_table(found))
    say(f"bundle: {out}")


def verify(bundle: Path, labels: Sequence[Path] = ()) -> None:
    """Check the hashes of a bundle, compute its result again, and tell what differs.

    The exit status is 0 if the result is equal to the last bit or within rounding, 1 if it
    differs, and 2 if the bundle was changed or a file is missing.
    """
    from cxrcompare.comparison.bundle.verifying import verify as recompute

    found = recompute(bundle, labels)
    show(
        [["files", f"{len(found.description.files)} with the right hash"], ["result", found.words]]
    )
    for name, (there, here) in found.versions.items():
        say(f"version of {name}: {there} there, {here} here")
    if found.different:
        raise JobError(f"{bundle}: the result differs: {'; '.join(found.different[:3])}")
