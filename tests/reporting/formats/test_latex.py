"""The tables as LaTeX: escaped, of equal rows, and accepted by pdflatex."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.formats import latex
from cxrcompare.reporting.results.lookup import Results


def test_latex_escapes_every_special_character() -> None:
    assert latex.escaped("50% of_a & b") == r"50\% of\_a \& b"
    assert latex.escaped("\\{}$#~^") == (
        r"\textbackslash{}\{\}\$\#\textasciitilde{}\textasciicircum{}"
    )
    assert latex.escaped("日") == r"\texttt{U+65E5}"
    assert latex.escaped("a\nb") == "a b"


LATEX = shutil.which("pdflatex")


HOSTILE = (
    '<script>"x"</script>',
    "a_b & 100% $x$ #~^{}\\",
    "日本語",
    "ß" * 80,
    "[x] 'q' `q` -- ,, ?` |",
)


@pytest.mark.skipif(LATEX is None, reason="no pdflatex on this machine")
@pytest.mark.parametrize(
    "case",
    [
        {"networks": HOSTILE, "findings": ("A_%", 'B & "C"'), "command": "run --out 50%_&"},
        {"networks": tuple(f"net_{n}" for n in range(20)), "seeds": 3, "findings": ("A", "B")},
        {"networks": ("one",), "findings": ("A",), "undefined": ("A",)},
        {},
    ],
    ids=["hostile names", "20 networks", "nothing defined", "five networks, 14 findings"],
)
def test_latex_tables_compile_and_fit(
    make_comparison: Callable[..., Comparison], tmp_path: Path, case: dict[str, Any]
) -> None:
    results = Results(make_comparison(**case))
    (tmp_path / "all.tex").write_text(
        "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage[T1]{fontenc}\n"
        "\\usepackage{booktabs,graphicx,textcomp}\n\\begin{document}\n"
        + "\n".join(latex.tables(results).values())
        + "\\end{document}\n"
    )
    done = subprocess.run(
        [str(LATEX), "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
    assert "Missing character" not in (tmp_path / "all.log").read_text(errors="replace")


def test_latex_has_no_ligature_of_hyphens() -> None:
    assert latex.escaped("run --out ,,a") == "run -{}-out ,{},a"


def test_latex_rows_have_as_many_cells_as_columns(comparison: Comparison) -> None:
    for name, content in latex.tables(Results(comparison)).items():
        rows = [line for line in content.splitlines() if line.endswith(r"\\")]
        cells = {line.replace(r"\&", "").count("&") for line in rows}
        assert len(cells) == 1, name
