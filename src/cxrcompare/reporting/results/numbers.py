"""Formatting of numbers: rounding, minus signs, and a dash for undefined values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeGuard

UNDEFINED = "–"


def defined(value: Any) -> TypeGuard[float]:
    """Returns whether the value is a finite number."""
    if type(value) is float:
        return math.isfinite(value)
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    ) or (hasattr(value, "dtype") and bool(math.isfinite(value)))


def number(value: float | None) -> float:
    """Returns the value; NaN for None."""
    return float("nan") if value is None else value


def decimal(value: Any, digits: int = 3) -> str:
    """Returns the number with a fixed number of digits, or a dash if it is not defined."""
    return _fixed(value, digits) if defined(value) else UNDEFINED


def _fixed(value: float, digits: int) -> str:
    written = f"{value:.{digits}f}"
    if not written.startswith("-"):
        return written
    return written[1:] if float(written) == 0 else f"−{written[1:]}"


def signed(value: Any, digits: int = 3) -> str:
    """Returns a difference with its sign."""
    written = decimal(value, digits)
    return written if written.startswith(("−", UNDEFINED)) else f"+{written}"


def interval(low: Any, high: Any, digits: int = 3) -> str:
    """Returns an interval, e.g. "0.812 to 0.874", or an empty string if it is not defined."""
    if not defined(low) or not defined(high):
        return ""
    return f"{_fixed(low, digits)} to {_fixed(high, digits)}"


def with_interval(
    value: float | None, low: float | None, high: float | None, digits: int = 3
) -> str:
    """Returns a number with its interval in brackets, if there is one."""
    ends = interval(low, high, digits)
    return decimal(value, digits) + (f" ({ends})" if ends else "")


def p_value(value: Any) -> str:
    """Returns e.g. "p = 0.034" or "p < 0.001"; never 0 or 1."""
    if not defined(value):
        return "p not defined"
    if value < 0.001:
        return "p < 0.001"
    return "p > 0.999" if value > 0.9994 else f"p = {value:.3f}"


def verdict(value: str, first: str, second: str) -> str:
    """Returns the verdict on a pair as text; a dash if there is no test."""
    words = {"a_better": f"{first} better", "b_better": f"{second} better", "": UNDEFINED}
    return words.get(value, value)


def count(value: Any) -> str:
    """Returns a whole number with thousands separators."""
    return f"{round(value):,}" if defined(value) else UNDEFINED


def compact(value: Any) -> str:
    """Returns a quantity with two or three leading digits: 4.1 M, 25 k, 312."""
    if not defined(value):
        return UNDEFINED
    for size, letter in ((1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(value) >= 0.9995 * size:  # 999.6 rounds up to 1 k
            return _three(value / size) + letter
    return _three(value)


def percent(share: float) -> str:
    """Returns a share as a percentage with a no-break space: 95 %, 97.5 %."""
    return f"{100 * share:.6g}\u00a0%"


def duration(seconds: Any) -> str:
    """Returns a duration: 34 s, 5.2 min, 3.1 h."""
    if not defined(seconds):
        return UNDEFINED
    if seconds < 90:
        return f"{_three(seconds)} s"
    return f"{_three(seconds / 60)} min" if seconds < 5400 else f"{_three(seconds / 3600)} h"


def _three(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}".removesuffix(".0") if abs(value) >= 10 else f"{value:.2g}"


def listed(names: Sequence[str]) -> str:
    """Returns "a", "a and b", "a, b and c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def alternatives(names: Sequence[str]) -> str:
    """Returns "a", "a or b", "a, b or c"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} or {names[-1]}"


def spelled(number: int) -> str:
    """Returns a small number as a word."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if 0 <= number < len(words) else count(number)


def probability(value: Any) -> str:
    """Returns a probability with two digits; never 0 or 1, as it is a share of replicates."""
    if not defined(value):
        return UNDEFINED
    return "< 0.01" if value < 0.005 else "> 0.99" if value > 0.995 else decimal(value, 2)


def plural(number: int, one: str, many: str | None = None) -> str:
    """Returns e.g. "1 study" or "668 studies"."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def stated(value: Any) -> str:
    """Returns a value of the protocol as text; "not stated" if it is missing."""
    if value is None or value == "" or value == {} or value == []:
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        return count(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {_inside(item)}" for key, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_inside(item) for item in value)
    return str(value)


def _inside(value: Any) -> str:
    if isinstance(value, dict):
        return "(" + ", ".join(f"{key} {_inside(item)}" for key, item in value.items()) + ")"
    if isinstance(value, list | tuple):
        return "/".join(str(item) for item in value)
    return str(value)
