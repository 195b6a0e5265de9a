"""The commands: parse the arguments, check that files exist, call the function of a command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from cxrcompare import __version__, exit_status, progress
from cxrcompare.cli.comparison_commands import compare, doctor, report, schema
from cxrcompare.cli.existing_inputs import check_inputs_exist
from cxrcompare.cli.image_commands import datasets, models, prepare, sample
from cxrcompare.cli.network_commands import explain, predict, run, train
from cxrcompare.cli.parsers import Parser, add_options
from cxrcompare.cli.sharing_commands import bundle, card, cite, verify
from cxrcompare.filesystem import output_checks


def main(words: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit status: 0 success, 1 the job failed, 2 wrong input.

    Args:
        words: The arguments after `cxrcompare`; those of the process by default.
    """

    def work() -> None:
        given = sys.argv[1:] if words is None else list(words)
        asked = next((word for word in given if not word.startswith("-")), "")
        chosen = vars(_parser(asked).parse_args(given))
        command = chosen.pop("command")
        if chosen.get("out") is not None:
            output_checks.check_writable(
                chosen["out"], file=command in (predict, doctor, bundle, card)
            )
        check_inputs_exist(command.__name__, chosen)
        with progress.shown():
            command(**chosen)

    return exit_status.run(work)


def _parser(only: str | None = None) -> Parser:
    """Returns the parser of all commands; if one is named, the others have no options yet."""
    top = Parser(
        prog="cxrcompare",
        description="Compare chest-radiograph classifiers with sound statistics.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=__version__)
    commands: Any = top.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)

    listed = (
        run,
        prepare,
        train,
        predict,
        explain,
        sample,
        compare,
        doctor,
        report,
        cite,
        card,
        bundle,
        verify,
        schema,
        models,
        datasets,
    )
    for command in listed:
        summary, _, more = (command.__doc__ or "").partition("\n")
        parser = commands.add_parser(
            command.__name__,
            help=summary,
            description=f"{summary}\n\n{' '.join(more.split())}",
            allow_abbrev=False,
        )
        parser.set_defaults(command=command)
        if only in (None, command.__name__):
            add_options(parser, command.__name__)
    return top
