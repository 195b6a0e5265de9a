"""Writes the problems of a file as one page of plain text."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Sequence
from pathlib import Path

from cxrcompare.doctor.problem import Problem

_WIDTH = 100
_CONFIRM = (
    "Confirm the cause before you use this: the change was chosen because it fits the labels."
)


def page(predictions: Path, reference: Path, found: Sequence[Problem]) -> str:
    """Returns the page: each problem with its evidence and the command that corrects it.

    Args:
        predictions: The file that was examined.
        reference: Its reference.
        found: The problems and notes.
    """
    problems = [one for one in found if not one.note]
    counted = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
    lines = [f"{predictions} against {reference}: {counted if problems else 'no problem found'}"]
    for number, one in enumerate(problems, 1):
        lines += ["", *_wrapped(f"{number}. {one.code}: {one.message}", ""), *_details(one)]
        if one.repair:
            lines.append(f"   {command(predictions, reference, [one.repair])}")
    repairs = list(dict.fromkeys(one.repair for one in problems if one.repair))
    if len(repairs) > 1:
        lines += ["", "All of these repairs together:"]
        lines.append(f"   {command(predictions, reference, repairs)}")
    for one in found:
        if one.note:
            lines += ["", *_wrapped(f"Note. {one.message}", ""), *_details(one)]
    return "\n".join(_printable(line) for line in lines)


def command(predictions: Path, reference: Path, repairs: Sequence[str]) -> str:
    """Returns the command that writes the corrected file to the folder `fixed` next to it.

    The corrected file keeps its name, which is the name of the model.

    Args:
        predictions: The file.
        reference: Its reference.
        repairs: The names of the repairs.
    """
    out = predictions.parent / "fixed" / f"{predictions.stem}.csv"
    words = ["cxrcompare", "doctor", str(predictions), "--reference", str(reference)]
    return shlex.join([*words, "--apply", ",".join(repairs), "--out", str(out)])


def _printable(line: str) -> str:
    """Returns a line with control characters of names, which could alter a terminal, escaped."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in line)


def _details(one: Problem) -> list[str]:
    texts = [*one.evidence, *([one.advice] if one.advice else [])]
    texts += [_CONFIRM] if one.confirm else []
    return [line for text in texts for line in _wrapped(text, "   ")]


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent="   ",
        break_long_words=False,
        break_on_hyphens=False,
    )
