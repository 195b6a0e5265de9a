"""Plots: matplotlib axes that hold the numbers of the comparison."""

import warnings

import numpy as np
import pytest

import cxrcompare as cxr

matplotlib = pytest.importorskip("matplotlib")
pyplot = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def _no_window():
    matplotlib.use("agg")
    yield
    pyplot.close("all")


CURVES = {
    "roc": ("roc", "fpr", "tpr"),
    "precision_recall": ("pr", "recall", "precision"),
}


@pytest.mark.parametrize("name", [*CURVES, "calibration"])
def test_a_finding_is_drawn_on_given_axes(result, name):
    _, ax = pyplot.subplots()
    assert getattr(result.plot, name)("Edema", ax=ax) is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["good", "bad"]
    assert ax.get_title() == "Edema"
    assert ax.get_xlabel()
    assert ax.get_ylabel()
    bands = len(ax.collections)
    assert bands == 2
    plain = getattr(result.plot, name)("Edema", models=["bad"], bands=False)
    assert len(plain.collections) == 0
    assert plain.figure is not ax.figure
    line = {one.get_label(): one for one in ax.lines}["bad"]
    assert {one.get_label(): one for one in plain.lines}["bad"].get_color() == line.get_color()


@pytest.mark.parametrize("name", CURVES)
def test_the_curves_are_those_of_the_comparison(result, name):
    part, x, y = CURVES[name]
    line = {one.get_label(): one for one in getattr(result.plot, name)("Mass").lines}["good"]
    stored = result.content.curves["Mass"]["good"][part]
    np.testing.assert_array_equal(line.get_xdata(), stored[x])
    np.testing.assert_array_equal(line.get_ydata(), stored[y])


@pytest.mark.parametrize("name", [*CURVES, "calibration", "decision_curve"])
def test_all_findings_are_drawn_without_a_name(result, name):
    axes = getattr(result.plot, name)()
    assert [one.get_title() for one in axes] == result.findings
    axes[0].figure.canvas.draw()


def test_a_finding_with_one_class_says_so(study):
    reference = study.test.reference.assign(Mass=0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = cxr.compare({"bad": study.test.models["bad"]}, reference, replicates=100)
        ax = found.plot.roc()[2]
    assert [text.get_text() for text in ax.texts] == ["one class only: not defined"]


def test_the_forest_has_every_pair_and_the_margin(result):
    ax = result.plot.forest()
    row = result.differences.query("finding == 'mean' and metric == 'auroc' and subgroup == ''")
    assert [text.get_text() for text in ax.get_yticklabels()] == ["good − bad"]
    drawn = [line.get_xdata().tolist() for line in ax.lines[1:]]
    assert drawn == [[row["low"].item(), row["high"].item()], [row["difference"].item()]]
    assert len(ax.patches) == 1
    assert not result.plot.forest("Edema", "brier").patches


def test_the_confusion_has_the_counts(result):
    ax = result.plot.confusion("bad", "Edema")
    row = result.to_frame("confusion").query("model == 'bad' and finding == 'Edema'").iloc[0]
    cells = [text.get_text() for text in ax.texts]
    assert cells == [f"{row[name]:,.0f}" for name in ("tp", "fn", "fp", "tn")]
    result.plot.confusion("good", "Edema", seed=1)
    everything = result.plot.confusion("good")
    assert len(everything.texts) == 16


@pytest.mark.parametrize(
    ("draw", "match"),
    [
        (lambda plot: plot.roc("Hernia"), "`finding` must be one of Atelectasis, Edema, Mass"),
        (lambda plot: plot.roc("Edema", models=["best"]), "`models` must be one of good, bad"),
        (lambda plot: plot.roc(ax=pyplot.subplots()[1]), "`ax` must be given with one `finding`"),
        (lambda plot: plot.forest("Edema", "auc"), "`metric` must be one of auroc"),
        (lambda plot: plot.confusion("good", "Edema"), "`seed` must be one of 0, 1"),
        (lambda plot: plot.confusion("best"), "`model` must be one of good, bad"),
    ],
)
def test_wrong_names_are_refused(result, draw, match):
    with pytest.raises(cxr.InputError, match=match):
        draw(result.plot)


def test_scores_have_no_calibration(study):
    found = cxr.compare(
        {"bad": study.test.models["bad"]}, study.test.reference, scores=True, replicates=100
    )
    with pytest.raises(cxr.InputError, match="needs probabilities"):
        found.plot.calibration("Edema")
    with pytest.raises(cxr.InputError, match="must have a threshold"):
        found.plot.confusion("bad", "Edema")


def test_decision_curves_are_those_of_the_comparison(result):
    _, given = pyplot.subplots()
    ax = result.plot.decision_curve("Mass", ax=given)
    assert ax is given
    lines = {one.get_label(): one for one in ax.lines}
    assert list(lines) == ["all positive", "none positive", "good", "bad"]
    table = result.to_frame("net_benefit").query("finding == 'Mass'")
    for name in ("good", "bad"):
        rows = table[table["model"] == name].sort_values("threshold")
        np.testing.assert_array_equal(lines[name].get_xdata(), rows["threshold"])
        np.testing.assert_array_equal(lines[name].get_ydata(), rows["net_benefit"])
        np.testing.assert_array_equal(lines["all positive"].get_ydata(), rows["treat_all"])
    assert len(ax.collections) == 2
    plain = result.plot.decision_curve("Mass", models=["bad"], bands=False)
    assert len(plain.collections) == 0
    roc = {one.get_label(): one for one in result.plot.roc("Mass").lines}
    assert roc["bad"].get_color() == lines["bad"].get_color()
    for wrong, message in (({"models": ["x"]}, "`models` must be one of"), ({"ax": given}, "`ax`")):
        with pytest.raises(cxr.InputError, match=message):
            result.plot.decision_curve(**wrong)
