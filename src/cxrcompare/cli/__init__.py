"""The command line: commands, options, and errors as one line and an exit status."""

from cxrcompare.cli.commands import main

__all__ = ["main"]
