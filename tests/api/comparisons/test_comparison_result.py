"""The result of a comparison: tables, decisions, representations and files."""

import re

import numpy as np
import pandas as pd
import pytest

import cxrcompare as cxr
from cxrcompare.comparison.result.comparison import TABLES


def test_tables_have_stable_columns_and_are_copies(result):
    for name in ("metrics", "differences", "ranks", "thresholds", "counts", "readers", "warnings"):
        frame = getattr(result, name)
        assert tuple(frame.columns) == TABLES[name]
        frame.iloc[:, 0] = None
        assert getattr(result, name).iloc[:, 0].notna().any()
        pd.testing.assert_frame_equal(getattr(result, name), result.to_frame(name))


def test_names(result):
    assert (result.models, result.findings) == (["good", "bad"], ["Atelectasis", "Edema", "Mass"])
    with pytest.raises(cxr.InputError, match=r"`table` must be one of summary, .*: metrix$"):
        result.to_frame("metrix")


def test_the_summary_has_a_row_per_model(result):
    frame = result.to_frame()
    assert frame["model"].tolist()[:2] == ["good", "bad"]
    assert frame["kind"].tolist() == ["network"] * 2 + ["baseline"] * 2
    metrics = result.metrics
    mean = metrics[(metrics["finding"] == "mean") & (metrics["seed"] == "all")]
    for metric in ("auroc", "auprc"):
        expected = mean[mean["metric"] == metric].set_index("model")["value"]
        assert frame.set_index("model")[metric].to_dict() == expected.to_dict()
    assert frame["rank"].tolist()[:2] == [1, 2]


def test_the_protocol_is_items_and_values(result):
    frame = result.protocol
    assert list(frame.columns) == ["item", "value"]
    values = frame.set_index("item")["value"]
    assert (values["studies"], values["level"], values["replicates"]) == (200, 0.95, 300)
    assert values["versions.numpy"] == np.__version__


def test_a_threshold_is_chosen_on_validation_and_judged_on_test(result, study):
    found = result.threshold("bad", "Edema", sensitivity=0.9)
    labels, scores = (study.valid.reference["Edema"], study.valid.models["bad"]["Edema"])
    # The highest score of validation at which at least 90 % of the positives are found.
    reached = [t for t in scores if (scores[labels == 1] >= t).mean() >= 0.9]
    assert found.threshold == max(reached)
    assert found.validation_sensitivity == (scores[labels == 1] >= found.threshold).mean()
    assert found.validation_specificity == pytest.approx(
        (scores[labels == 0] < found.threshold).mean()
    )
    test = study.test
    labels, scores = test.reference["Edema"], test.models["bad"]["Edema"]
    assert found.sensitivity.value == (scores[labels == 1] >= found.threshold).mean()
    assert found.specificity.low < found.specificity.value < found.specificity.high
    assert found.precision.value == labels[scores >= found.threshold].mean()


def test_a_threshold_for_a_specificity_and_a_seed(result):
    found = result.threshold("good", "Mass", specificity=0.8, seed=1)
    assert found.validation_specificity >= 0.8
    assert found != result.threshold("good", "Mass", specificity=0.8, seed="0")


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"sensitivity": 0.9, "model": "best"}, "`model` must be one of good, bad"),
        ({"sensitivity": 0.9, "finding": "Hernia"}, "`finding` must be one of Atelectasis, Edema"),
        ({"sensitivity": 0.9, "model": "good"}, "`seed` must be one of 0, 1: .*: none$"),
        ({"sensitivity": 0.9, "seed": 7}, "`seed` must be one of "),
        ({"sensitivity": 95}, "`sensitivity` must be above 0 and at most 1"),
        ({"sensitivity": 0.9, "specificity": 0.9}, "must be given. Received: both"),
        ({}, "must be given. Received: neither"),
    ],
)
def test_wrong_questions_about_thresholds(result, given, match):
    with pytest.raises(cxr.InputError, match=match):
        result.threshold(**{"model": "bad", "finding": "Edema"} | given)


def test_thresholds_need_validation_and_predictions(result, study, tmp_path):
    plain = cxr.compare({"bad": study.test.models["bad"]}, study.test.reference, replicates=100)
    with pytest.raises(cxr.InputError, match="give `validation` and"):
        plain.threshold("bad", "Edema", 0.9)
    loaded = cxr.load(result.save(tmp_path / "out"))
    with pytest.raises(cxr.InputError, match="a loaded comparison"):
        loaded.threshold("bad", "Edema", 0.9)


def test_the_text_is_the_short_table(result):
    lines = repr(result).splitlines()
    assert lines[0] == "Comparison of 2 models on 200 studies, 3 findings"
    assert re.match(r"good +0\.\d{4} \[0\.\d{4}, 0\.\d{4}\] ", lines[2])
    assert lines[-1].startswith("warnings: ")
    assert max(map(len, lines)) <= 120
    assert len(lines) <= 10


def test_the_html_is_safe_and_takes_the_colours_of_the_page(study):
    named = {"<img src=x onerror=alert(1)>": study.test.models["bad"]}
    html = cxr.compare(named, study.test.reference, replicates=100)._repr_html_()
    assert "<img" not in html
    assert "&lt;img src=x" in html
    assert "color:inherit" in html
    assert not re.search(r"#[0-9a-f]{3}|white|black", html)


def test_report_and_tables(result, tmp_path):
    path = result.to_html(tmp_path / "report.html")
    assert path == tmp_path / "report.html"
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert r"\toprule" in result.to_latex()
    assert r"\toprule" in result.to_latex("differences")
    with pytest.raises(cxr.InputError, match="`table` must be one of metrics_ranking, "):
        result.to_latex("ranking")


def test_saving_refuses_a_folder_with_other_files_or_inputs(result, written, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("text")
    with pytest.raises(cxr.InputError):
        result.save(tmp_path / "mine")
    found = cxr.compare([written.test.models["bad"]], written.test.reference, replicates=100)
    with pytest.raises(cxr.InputError, match="must not contain an input"):
        found.save(written.folder)
    folder = found.save(tmp_path / "out")
    assert found.save(folder) == folder
    assert (folder / "report.html").is_file()


def test_the_paper_kit_is_written_from_python(result, tmp_path):
    folder = result.cite(tmp_path / "paper")
    assert (folder / "methods.md").read_text(encoding="utf-8") == result.methods()
    assert (folder / "methods.tex").read_text(encoding="utf-8") == result.methods("latex")
    with pytest.raises(cxr.InputError, match="`style` must be one of markdown, latex"):
        result.methods("html")
