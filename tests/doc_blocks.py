"""What a Markdown file shows: its code blocks, marks, inline code, links and headings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LANGUAGES = ("bash", "python", "toml", "csv", "text")
"""`text` is for trees and output; everything else is run or read."""

REASONS = (
    "needs a GPU",
    "needs the network",
    "needs CheXpert",
    "needs PyTorch",
    "needs a framework",
    "takes minutes",
    "takes hours",
    "measures speed",
)
"""Why a block may be left unrun; `<!-- not run: REASON, REASON -->` stands right above it."""

_FENCE = re.compile(r"^```(\w*)\s*$")
_MARK = re.compile(r"^<!-- not run: (.+) -->$")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        line: The number of its first line of code; a traceback points to it.
        language: What its fence names, or nothing.
        text: The code.
        reasons: Why it is not run; empty where it is.
    """

    line: int
    language: str
    text: str
    reasons: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """Returns the fenced blocks of a Markdown text, in order."""
    found = []
    lines = text.split("\n")
    start, language = None, ""
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence and start is None:
            start, language = number + 1, fence[1]
        elif line.strip() == "```" and start is not None:
            mark = _MARK.match(lines[start - 2]) if start > 1 else None
            reasons = tuple(mark[1].split(", ")) if mark else ()
            body = "\n".join(lines[start:number]) + "\n"
            found.append(Block(start + 1, language, body, reasons))
            start = None
    if start is not None:
        raise ValueError(f"line {start}: the block does not end")
    return found


def marks(text: str) -> int:
    """Returns how many marks a text has, wherever they stand."""
    return len(re.findall(r"<!--\s*not run", text))


def prose(text: str) -> str:
    """Returns a text with the lines of its fenced blocks left empty."""
    inside, kept = False, []
    for line in text.split("\n"):
        fence = line.startswith("```")
        kept.append("" if inside or fence else line)
        inside ^= fence
    return "\n".join(kept)


def indented(text: str) -> list[int]:
    """Returns the numbers of lines that Markdown takes for indented code."""
    lines = prose(text).split("\n")
    pairs = enumerate(zip(["", *lines], lines, strict=False), 1)
    return [n for n, (above, line) in pairs if not above.strip() and re.match(r"( {4}|\t)\S", line)]


def inline(text: str) -> Iterator[tuple[int, str]]:
    """Yields the line number and the code of each inline code."""
    for found in re.finditer(r"`([^`]+)`", prose(text)):
        yield prose(text).count("\n", 0, found.start()) + 1, " ".join(found[1].split())


def links(text: str) -> list[str]:
    """Returns the targets of links and images that lead to files or headings."""
    found = re.findall(r"\]\(([^)\s]+)\)", prose(text))
    return [target for target in found if "://" not in target]


def anchors(text: str) -> set[str]:
    """Returns the anchors of the headings, as GitHub makes them from their words."""
    made: set[str] = set()
    for title in re.findall(r"^#+ +(.+?) *#*$", prose(text), re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).lower())
        plain = anchor = words.strip().replace(" ", "-")
        count = 0
        while anchor in made:
            count += 1
            anchor = f"{plain}-{count}"
        made.add(anchor)
    return made


def commands(script: str) -> list[str]:
    """Returns the logical lines of a shell script: continued lines joined, comments dropped."""
    joined = re.sub(r"\\\n\s*", "", script)
    return [line for line in joined.split("\n") if line.strip() and not line.startswith("#")]


def words(line: str) -> list[str]:
    """Returns the words of a command without its comment; patterns such as `*.csv` stay."""
    return shlex.split(line, comments=True)


def documents(root: Path) -> list[Path]:
    """Returns the files whose blocks are run: README, CONTRIBUTING and all below docs."""
    return [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]
