"""The commands that share results: paper kit, bundle, and its verification."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxrcompare.cli.output import say, show, write_text
from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import files, output_checks


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
    from cxrcompare.comparison.result.comparison import read
    from cxrcompare.comparison.result.saving import FILE
    from cxrcompare.reporting.card import model_card, run_facts

    if out is not None:
        output_checks.check_new_file(out)
    beside = run.resolve().parent / "comparison"
    folder = comparison or (beside if (beside / FILE).is_file() else None)
    found = None if folder is None else read(folder / FILE)
    text = model_card.card(run_facts.read(run), found)
    if out is None:
        write_text(text)
    else:
        files.write_text(out, text)
        say(f"model card: {out}")


def bundle(
    predictions: list[Path], reference: Path, out: Path, with_labels: bool, **options: Any
) -> None:
    """Compare prediction files, and pack them with the result for another machine to verify.

    The bundle has the predictions, the result, versions, options and command, and the hash of every
    input. Reference standards, readers and subgroups are included only with --with-labels.
    """
    from cxrcompare.comparison.bundle.description import Sources
    from cxrcompare.comparison.bundle.packing import pack
    from cxrcompare.comparison.compare import Options
    from cxrcompare.comparison.result.summary import summary_table

    def path(key: str) -> str | None:
        given = options.pop(key)
        return None if given is None else str(given)

    output_checks.check_new_file(out)
    sources = Sources(
        [str(one) for one in predictions],
        str(reference),
        validation=[str(one) for one in options.pop("validation")],
        validation_reference=path("validation_reference"),
        readers=[str(one) for one in options.pop("readers")],
        subgroups=path("subgroups"),
        thresholds=path("thresholds"),
    )
    known = Options.__dataclass_fields__
    unpacked = [key for key, given in options.items() if key not in known and given]
    if unpacked:
        first = options[unpacked[0]]
        raise InputError(f"a bundle must have no `{unpacked[0]}`. Received: {first}")
    chosen = Options(**{key: given for key, given in options.items() if key in known})
    found = pack(
        sources, chosen, out, labels=with_labels, command=shlex.join(["cxrcompare", *sys.argv[1:]])
    )
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
