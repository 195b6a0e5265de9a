"""What the methods section says of data, reference standard, models and thresholds."""

from __future__ import annotations

from cxrcompare.comparison.result.content_types import Cost
from cxrcompare.comparison.row_types.main_rows import CountRow
from cxrcompare.reporting.narrative import protocol_card
from cxrcompare.reporting.paper.sentence import Sentence
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows

_DATA = (("chexpert", "irvin2019"), ("nih", "wang2017"))
_NETWORKS = (
    (("resnet34", "resnet50", "resnet101", "resnet152"), "he2016"),
    (
        ("densenet121", "densenet169", "densenet201"),
        "huang2017",
    ),
)
_MOBILENET = (("mobilenet",), "howard2017")
_CHOSEN = {
    "youden": ("the maximum of Youden's index", ("youden1950",)),
    "f1": ("the maximum of F1", ()),
    "max_f1": ("the maximum of F1", ()),
}


def data(results: Results) -> list[Sentence]:
    """Returns the sentences on data, split, reference standard and counts."""
    protocol = results.comparison.protocol
    found = []
    if protocol["data"]:
        name = protocol["data"]
        cites = tuple(key for word, key in _DATA if word in name.lower())
        found.append(Sentence(f"The data were {name}", () if protocol["synthetic"] else cites))
    if protocol["synthetic"]:
        found.append(Sentence("The data are synthetic and not of patients"))
    if protocol["split"]:
        found.append(Sentence(f"The split of the data was: {protocol['split']}"))
    for key, words in (
        ("patients_source", "Patients were identified by"),
        ("uncertainty_policy", "Uncertain labels in training were handled by"),
        ("blank_rule", "Blank labels in training were handled by"),
    ):
        if protocol.get(key):
            found.append(Sentence(f"{words}: {protocol.get(key)}"))
    sizes = [
        f"{numbers.count(protocol[key])} {key}"
        for key in ("images", "studies", "patients")
        if numbers.defined(protocol[key])
    ]
    if sizes:
        found.append(Sentence(f"The test set had {numbers.listed(sizes)}"))
    found.append(_unit(results))
    if protocol["reference"]:
        found.append(
            Sentence(f"The reference standard was read from the file {protocol['reference']}")
        )
    counts = rows(results.comparison.counts, CountRow)
    if counts:
        found.append(Sentence(f"Positives and negatives were {'; '.join(map(_count, counts))}"))
    if any(numbers.defined(one.unknown) and one.unknown > 0 for one in counts):
        unit = results.unit_words[1]
        found.append(
            Sentence(
                f"{unit.capitalize()} without a label of a finding were left out for this finding"
            )
        )
    return found


def _unit(results: Results) -> Sentence:
    protocol = results.comparison.protocol
    if protocol["unit"] == "image":
        return Sentence("The unit of the analysis was the image")
    rule = {"max": "the maximum", "mean": "the mean"}.get(str(protocol["views_rule"]))
    scored = f", with {rule} of the scores of its images" if rule else ""
    return Sentence(f"The unit of the analysis was the study{scored}")


def _count(row: CountRow) -> str:
    unknown = row.unknown if numbers.defined(row.unknown) else 0
    words = f"{row.finding} {numbers.count(row.positives)} and {numbers.count(row.negatives)}"
    return f"{words} ({numbers.count(unknown)} unknown)" if unknown else words


def models(results: Results) -> list[Sentence]:
    """Returns the sentences on models, their training, and baselines."""
    networks = [row for row in results.comparison.models if row["kind"] == "network"]
    names = [
        f"{row['name']} ({numbers.plural(len(row['seeds']), 'seed')})"
        if row["seeds"]
        else row["name"]
        for row in networks
    ]
    verb = "model was evaluated" if len(names) == 1 else "models were compared"
    found = [
        Sentence(
            f"{numbers.spelled(len(names)).capitalize()} {verb}: {numbers.listed(names)}",
            tuple(key for row in networks if row["cost"] for key in _sources(row["name"])),
        )
    ]
    found += [
        Sentence(f"{row['name']} was trained with {trained}")
        for row in networks
        if (trained := _training(row["cost"] or {}))
    ]
    for row in results.comparison.models:
        words = f'"{row["name"]}": {row["description"].removeprefix("ensemble, ").rstrip(".")}'
        if row["kind"] == "ensemble":
            cites = ("caruana2004",) if "validation" in row["description"] else ()
            found.append(Sentence(f"Ensemble {words}", cites))
        elif row["kind"] == "trivial":
            found.append(Sentence(f"Baseline {words}"))
    scores = results.comparison.protocol["scores"]
    if scores and scores != "probabilities":
        found.append(Sentence(f"The predictions were {scores}"))
    return found


def _sources(name: str) -> tuple[str, ...]:
    return tuple(key for names, key in (*_NETWORKS, _MOBILENET) if name in names)


def _training(cost: Cost) -> str:
    parts = []
    if cost.get("recipe"):
        parts.append(f"the recipe {cost.get('recipe')}")
    if cost.get("weights"):
        parts.append(f"initial weights: {cost.get('weights')}")
    if cost.get("image_size"):
        parts.append(f"an image size of {numbers.stated(cost.get('image_size'))}")
    if numbers.defined(cost.get("epochs")):
        parts.append(f"{numbers.stated(cost.get('epochs'))} epochs (mean over seeds)")
    return numbers.listed(parts)


def thresholds(results: Results) -> list[Sentence]:
    """Returns the sentence on decision thresholds; none without thresholds."""
    protocol = results.comparison.protocol
    rule, source = str(protocol["thresholds_rule"]), str(protocol["thresholds_source"])
    if protocol["thresholds_rule"] is None or rule == "none":
        return []
    if rule == "fixed":
        return [Sentence("The threshold of every decision was 0.5 and not chosen on data")]
    if rule == "given":
        return [Sentence("The thresholds of decisions were given in advance")]
    words, cites = _CHOSEN.get(rule) or _chosen_for(rule)
    noise = (
        ", and chosen again in each bootstrap replicate" if protocol.get("thresholds_noise") else ""
    )
    return [Sentence(f"Thresholds were chosen on {source} data by {words}{noise}", cites)]


def _chosen_for(rule: str) -> tuple[str, tuple[str, ...]]:
    """Returns the words and references of a rule with a number, such as "sensitivity=0.9"."""
    name, _, number = rule.partition("=")
    if name == "net-benefit":
        return f"the maximum of net benefit at the threshold probability {number}", ("vickers2006",)
    if name == "cost":
        return f"the least cost, with {number} false positives as costly as a miss", ()
    other = {"sensitivity": "specificity", "specificity": "sensitivity"}.get(name)
    if other is None:
        return f"the rule {rule}", ()
    return f"the highest {other} with a {name} of at least {number}", ()


def software(results: Results) -> list[Sentence]:
    """Returns the sentences on versions, random seed, machine and command."""
    protocol = results.comparison.protocol
    versions = protocol["versions"] or {}
    found = []
    if "cxrcompare" in versions:
        found.append(
            Sentence(f"The analysis was made with cxrcompare {versions['cxrcompare']}", (_SELF,))
        )
    others = [f"{name} {version}" for name, version in versions.items() if name != "cxrcompare"]
    if others:
        found.append(Sentence(f"Other versions: {', '.join(others)}"))
    card = dict(protocol_card.card(results))
    for term, words in (
        ("Hardware", "The machine of the analysis"),
        ("Random seed", "The random seed"),
        ("Commit", "The commit of the source code"),
        ("Command", "The command"),
    ):
        if card[term] != "not stated":
            found.append(Sentence(f"{words} was {card[term]}"))
    return found


_SELF = "cxrcompare"
