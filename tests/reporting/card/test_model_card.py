"""The model card states what the run and the comparison hold, and marks the rest."""

import dataclasses
import json
import re

import pytest

from cxrcompare.cli.commands import main
from cxrcompare.errors import InputError
from cxrcompare.reporting.card import run_facts
from cxrcompare.reporting.card.model_card import TODO, card

hub = pytest.importorskip("huggingface_hub")

CONFIG = {
    "model": "densenet121",
    "seed": 1,
    "recipe": "modern",
    "findings": ["Edema", "Cardiomegaly"],
    "labels": {"uncertain": "u-ones", "blank": "negative"},
    "dataset": "chexpert",
    "image_size": 320,
}
SUMMARY = {"parameters": 7_000_123, "epochs": 4, "best_valid_auroc": 0.8765}


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "densenet121__seed1"
    folder.mkdir()
    for name, content in (("config", CONFIG), ("summary", SUMMARY)):
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


@pytest.fixture
def facts(run):
    return run_facts.read(run)


def header(text):
    return hub.ModelCard(text, ignore_metadata_errors=False).data


def test_every_metric_of_the_header_is_that_of_the_comparison(facts, comparison):
    data = header(card(facts, comparison))
    table = comparison.metrics[comparison.metrics["model"] == "densenet121"]
    own = table[(table["seed"].astype(str) == "1") & (table["subgroup"] == "")]
    values = own.set_index(["finding", "metric"])
    names = {"roc_auc": "auroc", "brier_score": "brier"}
    assert data.eval_results
    for one in data.eval_results:
        metric = names.get(one.metric_type, one.metric_type)
        row = values.loc[(one.metric_args["finding"], metric)]
        assert one.metric_value == pytest.approx(row["value"], abs=1e-6)
        assert one.metric_args["interval"] == pytest.approx([row["low"], row["high"]], abs=1e-6)
        assert one.metric_args["level"] == comparison.protocol["level"]
    aurocs = [one for one in data.eval_results if one.metric_type == "roc_auc"]
    assert len(aurocs) == len(own[(own["metric"] == "auroc") & own["value"].notna()])


def test_the_page_shows_the_run_and_the_counts(facts, comparison):
    text = card(facts, comparison)
    for words in (
        "7,000,123",
        "0.876",
        "u-ones",
        "Edema, Cardiomegaly",
        "Image size in pixels: 320",
    ):
        assert words in text
    for row in comparison.counts.itertuples():
        assert f"| {row.finding} | {int(row.positives):,} / {int(row.negatives):,} |" in text
    assert "None" not in text
    assert "nan" not in text.replace("Finance", "")


def test_what_only_the_author_knows_is_marked(facts):
    text = card(facts, None)
    assert text.count(TODO) == 3
    assert "No comparison was given." in text
    assert "license" not in text.split("---")[1]
    assert header(text).eval_results is None


def test_a_fact_that_the_run_does_not_state_is_left_out(run, comparison):
    (run / "summary.json").write_text("{}")
    text = card(run_facts.read(run), comparison)
    assert "Parameters" not in text
    assert "Best epoch" not in text


def test_synthetic_data_are_marked(facts, comparison):
    for synthetic in (True, False):
        protocol = {**comparison.protocol, "synthetic": synthetic}
        text = card(facts, dataclasses.replace(comparison, protocol=protocol))
        assert ("The data are synthetic" in text) == synthetic
        assert ("(synthetic)" in text.split("---")[1]) == synthetic


def test_the_limits_are_the_warnings_about_this_model(facts, comparison):
    warnings = comparison.warnings.iloc[:0].copy()
    warnings.loc[0] = ["a", "about | this one", "densenet121 seed 1", "Edema"]
    warnings.loc[1] = ["b", "about another", "resnet50", ""]
    warnings.loc[2] = ["c", "about all", "", ""]
    text = card(facts, dataclasses.replace(comparison, warnings=warnings))
    limits = text.split("## Limits")[1].split("##")[0]
    assert r"- Edema: about \| this one" in limits
    assert "- about all" in limits
    assert "about another" not in limits


def test_rank_and_verdicts_are_those_of_the_comparison(facts, comparison):
    text = card(facts, comparison)
    ranks = comparison.ranks
    row = ranks[(ranks["model"] == "densenet121") & (ranks["metric"] == "auroc")].iloc[0]
    assert f"has rank {row['rank']:g} by AUROC" in text
    alone = dataclasses.replace(comparison, ranks=ranks.iloc[:0])
    assert "has rank" not in card(facts, alone)


def test_a_comparison_without_the_run_is_refused(facts, comparison):
    for other in (facts._replace(name="vgg16", folder="vgg16"), facts._replace(seed="9")):
        with pytest.raises(InputError, match=f"must have {other.name}, seed {other.seed}"):
            card(other, comparison)


def test_names_cannot_add_markup(run, comparison):
    (run / "config.json").write_text(
        json.dumps({**CONFIG, "recipe": "<script>x</script>`\n# Title\n[a](b)"})
    )
    text = card(run_facts.read(run), comparison)
    assert "<script>" not in text
    assert not re.search(r"^# Title", text, re.MULTILINE)
    assert "[a](b)" not in text.replace(r"\[a](b)", "")


def test_the_command_finds_the_comparison_beside_the_run(run, comparison, capsys):
    folder = run.parent / "comparison"
    folder.mkdir()
    comparison.write(folder / "comparison.json")
    assert main(["card", str(run)]) == 0
    assert capsys.readouterr().out == card(run_facts.read(run), comparison)
    out = run.parent / "README.md"
    assert main(["card", str(run), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == card(run_facts.read(run), comparison)
    assert main(["card", str(run), "--out", str(out)]) == 2
