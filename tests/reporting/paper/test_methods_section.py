"""The methods section states what the comparison holds, and nothing else."""

import dataclasses
import re

import pytest

from cxrcompare.comparison.result.comparison import TABLES
from cxrcompare.evaluation.influence import auprc_tests
from cxrcompare.reporting.paper import methods_section
from cxrcompare.reporting.paper.bibliography import SOFTWARE, references
from cxrcompare.reporting.results.lookup import Results

STATED = {  # a value that no default has
    "data": "Some Hospital 2021",
    "split": "by patient, 3 to 1",
    "patients_source": "the column PatNr",
    "uncertainty_policy": "u-ignore",
    "blank_rule": "blank is negative",
    "command": "cxrcompare compare a.csv --out b",
    "reference": "panel-of-five.csv",
    "images": 4321,
    "studies": 3210,
    "patients": 2109,
    "replicates": 7654,
    "random_seed": 987,
    "commit": "abcdef123456",
    "min_patients": 1717,
    "ece_bins": "23 of equal width",
    "level": 0.9,
}
NET_BENEFIT = (
    "net_benefit_differences",
    "net_benefit_opponents",
    "reader_net_benefit",
    "recalibrated_curves",
)
SHOWN = {
    "min_patients": "1,717",
    "images": "4,321",
    "studies": "3,210",
    "patients": "2,109",
    "replicates": "7,654",
}


def section(comparison):
    return methods_section.markdown(Results(comparison))


def changed(comparison, **protocol):
    return dataclasses.replace(comparison, protocol={**comparison.protocol, **protocol})


def without(comparison, *names):
    return dataclasses.replace(
        comparison, **{name: getattr(comparison, name).iloc[:0] for name in names}
    )


@pytest.mark.parametrize("key", STATED)
def test_a_changed_protocol_changes_the_section(comparison, key):
    value = STATED[key]
    word = SHOWN.get(key, "90 %" if key == "level" else str(value))
    before = section(comparison)
    after = section(changed(comparison, **{key: value}))
    assert word in after
    assert word not in before


@pytest.mark.parametrize("key", [key for key in STATED if key != "level"])
def test_what_is_not_stated_in_the_protocol_is_not_in_the_section(comparison, key):
    full = changed(comparison, **STATED)
    word = SHOWN.get(key, str(STATED[key]))
    assert word in section(full)
    missing = section(changed(full, **{key: None}))
    assert word not in missing
    assert "None" not in missing
    assert "not stated" not in missing


@pytest.mark.parametrize(
    ("protocol", "key", "other"),
    [
        ({"correction": "holm"}, "holm1979", "benjamini1995"),
        ({"correction": "fdr"}, "benjamini1995", "holm1979"),
        ({"thresholds_rule": "youden", "thresholds_source": "validation"}, "youden1950", ""),
        ({"thresholds_rule": "fixed", "thresholds_source": "fixed"}, "", "youden1950"),
        ({"thresholds_rule": "given", "thresholds_source": "given"}, "", "youden1950"),
        ({"data": "CheXpert-v1.0-small", "synthetic": None}, "irvin2019", "wang2017"),
        ({"data": "CheXpert-v1.0-small", "synthetic": True}, "", "irvin2019"),
        ({"data": "NIH ChestX-ray14", "synthetic": None}, "wang2017", "irvin2019"),
    ],
)
def test_a_method_is_cited_only_if_it_was_used(comparison, protocol, key, other):
    cited = methods_section.cited(Results(changed(comparison, **protocol)))
    assert not key or key in cited
    assert other not in cited


@pytest.mark.parametrize(
    ("tables", "key"),
    [
        (("ranks",), "almohamad2022"),
        (("net_benefit", *NET_BENEFIT), "vickers2006"),
        (("sample_size",), "julious2004"),
        (("agreement", "model_agreement"), "cohen1960"),
        (("added_to_metadata",), "demler2012"),
        (("non_inferiority",), "piaggio2012"),
        (("differences", "against_trivial"), "dunn1961"),
    ],
)
def test_a_comparison_without_a_table_does_not_cite_its_method(compared, comparison, tables, key):
    found = [
        one
        for one in (compared, comparison)
        if key in methods_section.cited(Results(one)) or key == "demler2012"
    ]
    assert found, key
    for one in found:
        assert key not in methods_section.cited(Results(without(one, *tables)))


@pytest.mark.parametrize(
    ("method", "keys"),
    [
        ("DeLong, logit", {"delong1988", "satterthwaite1946"}),
        ("Obuchowski, logit", {"delong1988", "obuchowski1997", "satterthwaite1946"}),
        (
            "Obuchowski and seeds (Welch), logit",
            {"delong1988", "obuchowski1997", "satterthwaite1946", "welch1947"},
        ),
        ("percentile", set()),
    ],
)
def test_the_variance_of_aurocs_is_the_one_that_the_tables_name(comparison, method, keys):
    every = {"delong1988", "obuchowski1997", "satterthwaite1946", "welch1947"}
    metrics, pairs = comparison.metrics.copy(), comparison.differences.copy()
    metrics.loc[metrics["metric"] == "auroc", "method"] = method
    pairs.loc[pairs["metric"] == "auroc", "method"] = method.removesuffix(", logit")
    other = dataclasses.replace(comparison, metrics=metrics, differences=pairs)
    assert every & set(methods_section.cited(Results(other))) == keys


def test_models_and_counts_are_those_of_the_tables(comparison):
    text = section(comparison)
    for row in comparison.models:
        assert row["name"] in text
    for row in comparison.counts.itertuples():
        assert f"{row.finding} {int(row.positives):,} and {int(row.negatives):,}" in text
    counts = comparison.counts.copy()
    counts.loc[0, "positives"] += 1
    assert section(dataclasses.replace(comparison, counts=counts)) != text
    fewer = dataclasses.replace(comparison, models=comparison.models[1:])
    assert comparison.models[0]["name"] not in section(fewer).split("### Statistical")[0]


def test_every_number_of_the_section_is_in_the_result(compared, tmp_path):
    """Numbers are compared as text; the citations and words such as F1 have digits too."""
    compared.write(tmp_path / "comparison.json")
    held = (tmp_path / "comparison.json").read_text(encoding="utf-8")
    sources = held + "".join(getattr(compared, name).to_csv() for name in TABLES)
    known = set(re.findall(r"\d+(?:\.\d+)*", sources))
    known |= {f"{float(one):g}" for one in known if one.count(".") < 2}
    level = compared.protocol["level"]
    known.add("1000")  # counts per 1,000 patients
    known |= {f"{one:g}" for one in (auprc_tests.TIMES, auprc_tests.TOP, auprc_tests.OF_LOWER)}
    known |= {f"{100 * level:g}", f"{1 - level:g}", f"{len(compared.models)}"}
    text = re.sub(r"\[@[^]]*\]", "", section(compared))
    shown = set(re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)*", text))
    assert shown
    unknown = {one for one in shown if one.replace(",", "") not in known}
    assert not unknown


def test_latex_and_markdown_state_and_cite_the_same(compared):
    results = Results(compared)
    tex = methods_section.latex(results)
    cited = {key for keys in re.findall(r"\\cite\{([^}]*)\}", tex) for key in keys.split(",")}
    marked = set(re.findall(r"@(\w+)", methods_section.markdown(results)))
    assert cited == marked == set(methods_section.cited(results))
    assert cited - {SOFTWARE} <= set(references())


def test_names_of_models_cannot_add_commands_to_latex(comparison):
    hostile = {**comparison.models[0], "name": r"\input{/etc/passwd}%"}
    other = dataclasses.replace(comparison, models=[hostile, *comparison.models[1:]])
    assert r"\input" not in methods_section.latex(Results(other))
