"""The protocol card: what every number rests on, in words."""

from __future__ import annotations

from typing import Any

from cxrcompare.reporting.results.lookup import Results, text
from cxrcompare.reporting.results.numbers import count, defined, percent, stated

SYNTHETIC = "synthetic: drawn by a program, no patient's radiographs"

_WORDS: dict[str, dict[str, str]] = {
    "views_rule": {
        "max": "maximum over a study's views",
        "mean": "mean over a study's views",
    },
    "correction": {
        "holm": "Holm",
        "bh": "false discovery rate (Benjamini-Hochberg)",
        "fdr": "false discovery rate (Benjamini-Hochberg)",
        "fdr_bh": "false discovery rate (Benjamini-Hochberg)",
        "none": "none",
    },
    "thresholds_rule": {
        "youden": "Youden's index at its largest",
        "f1": "F1 at its largest",
        "max_f1": "F1 at its largest",
        "sensitivity": "fixed sensitivity",
        "specificity": "fixed specificity",
        "fixed": "0.5, as no validation predictions were given",
        "none": "none: scores need validation predictions for thresholds",
    },
    "thresholds_source": {"fixed": "nothing: fixed in advance", "none": "nothing"},
    "interval": {"percentile": "percentile bootstrap", "bca": "BCa bootstrap"},
}


def data_name(results: Results) -> str:
    """Returns the name of the data, marked where it is synthetic."""
    name = stated(results.comparison.protocol.get("data"))
    return f"{name} ({SYNTHETIC})" if results.comparison.protocol.get("synthetic") else name


def card(results: Results) -> list[tuple[str, str]]:
    """Returns the protocol as terms and their values, "not stated" where not known."""
    protocol = results.comparison.protocol

    def words(key: str) -> str:
        value = protocol.get(key)
        return _WORDS.get(key, {}).get(str(value), stated(value))

    sizes = ", ".join(
        f"{count(protocol[key])} {key}"
        for key in ("patients", "studies", "images")
        if defined(protocol.get(key))
    )
    correction = words("correction")
    if protocol.get("non_inferiority_margin") is not None:
        correction += f"; non-inferiority margin {stated(protocol['non_inferiority_margin'])}"
    return [
        ("Data", data_name(results)),
        ("Split", words("split")),
        ("Size", sizes or "not stated"),
        ("Unit", words("unit")),
        ("Views", _views(protocol)),
        ("Reference standard", words("reference")),
        ("Uncertain labels in training", words("uncertainty_policy")),
        ("Blank labels", words("blank_rule")),
        ("Thresholds", words("thresholds_rule")),
        ("Thresholds chosen on", words("thresholds_source")),
        ("Seeds", _seeds(protocol.get("seeds"))),
        ("Scores", words("scores")),
        ("Intervals", f"{percent(results.level)}, {words('interval')}"),
        ("Resampled", words("resampled")),
        ("Replicates", words("replicates")),
        ("Correction for many tests", correction),
        ("Calibration bins (ECE)", words("ece_bins")),
        ("Random seed", words("random_seed")),
        ("Versions", words("versions")),
        ("Hardware", _hardware(protocol.get("hardware"))),
        ("Commit", words("commit")),
        ("Command", words("command")),
    ]


def interval_words(results: Results) -> str:
    """Returns the kind of interval, "95 % interval (percentile bootstrap over patients)"."""
    protocol = results.comparison.protocol
    kind = _WORDS["interval"].get(str(protocol.get("interval")), text(protocol.get("interval")))
    over = f" over {protocol['resampled']}" if protocol.get("resampled") else ""
    level = percent(results.level)
    return f"{level} interval ({kind}{over})" if kind else f"{level} interval"


def _views(protocol: dict[str, Any]) -> str:
    if protocol.get("unit") == "image":
        return "each image on its own"
    rule = protocol.get("views_rule")
    return _WORDS["views_rule"].get(str(rule), stated(rule))


def _seeds(seeds: Any) -> str:
    if not isinstance(seeds, dict) or not seeds:
        return stated(seeds)
    kinds = {tuple(str(seed) for seed in value) for value in seeds.values()}
    if len(kinds) == 1:
        same = kinds.pop()
        return f"{', '.join(same)} (each network)" if same else "not stated"
    return "; ".join(f"{name}: {', '.join(map(str, value))}" for name, value in seeds.items())


def _hardware(hardware: Any) -> str:
    if not isinstance(hardware, dict) or "processor" not in hardware:
        return stated(hardware)
    words = str(hardware["processor"])
    if defined(hardware.get("cores")):
        words += f", {count(hardware['cores'])} cores"
    if defined(hardware.get("memory_gib")):
        words += f", {hardware['memory_gib']:g} GiB"
    return words
