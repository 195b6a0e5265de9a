"""Tests of alterations: against the paired test of AUROCs, false alarms, and small trainings."""

import numpy as np
import pytest

from cxrcompare.cli.commands import main
from cxrcompare.doctor.network_input import examine_input
from cxrcompare.doctor.network_input.input_check import Sample, effects
from cxrcompare.errors import InputError
from cxrcompare.evaluation.auroc import delong


def sample(rng, units=200, findings=2):
    labels = (rng.random((units, findings)) < 0.3).astype(float)
    names = tuple(f"F{n}" for n in range(findings))
    return Sample("test", names, np.arange(units), labels, np.arange(units))


def scores_of(rng, labels, skills, noise=0.5):
    """Returns scores of versions that share most of their noise, (1 + A, N, F)."""
    shared = rng.normal(size=labels.shape)
    own = rng.normal(size=(len(skills), *labels.shape))
    return np.array(skills)[:, None, None] * labels + shared + noise * own


def test_the_effect_on_one_finding_is_delongs_paired_test():
    rng = np.random.default_rng(1)
    one = sample(rng, findings=1)
    scores = scores_of(rng, one.labels, [0.5, 0.8])
    found = effects(one, scores, np.array([True]))
    areas = delong.delong(one.labels[:, 0], scores[:, :, 0])
    test = delong.paired(areas, 1, 0)
    assert found.auroc == pytest.approx(areas.auroc[0])
    assert found.gain[0] == pytest.approx(test.difference)
    assert found.p_value[0] == pytest.approx(test.p_value, rel=0.2)  # t instead of normal


def test_p_values_are_adjusted_over_the_alterations_that_change_images():
    rng = np.random.default_rng(2)
    one = sample(rng)
    scores = scores_of(rng, one.labels, [1.0, 1.3, 1.0])
    single = effects(one, scores[:2], np.array([True])).p_value[0]
    both = effects(one, scores, np.array([True, True])).p_value[0]
    only = effects(one, scores, np.array([True, False]))
    assert both == pytest.approx(min(2 * single, 1))
    assert only.p_value[0] == pytest.approx(single)
    assert np.isnan(only.p_value[1])


def test_a_worse_alteration_is_never_better():
    rng = np.random.default_rng(3)
    one = sample(rng)
    found = effects(one, scores_of(rng, one.labels, [2.0, 0.0]), np.array([True]))
    assert found.p_value[0] < 1e-6
    assert not len(found.better)


def test_false_alarms_are_rare():
    """Of 15 equally good versions none is better, in all but at most 5 % of 200 data sets.

    A third of the patients have two images with common noise.
    """
    rng = np.random.default_rng(4)
    alarms = 0
    for _ in range(200):
        patients = np.repeat(np.arange(120), np.arange(120) % 3 // 2 + 1)
        labels = (rng.random((len(patients), 3)) < 0.3).astype(float)
        one = Sample("test", ("A", "B", "C"), np.arange(len(labels)), labels, patients)
        scores = scores_of(rng, labels, [1.0] * 16) + rng.normal(size=(120, 3))[patients]
        alarms += len(effects(one, scores, np.ones(15, bool)).better) > 0
    assert alarms <= 17  # 99.5 % of binomial(200, 0.05) is at most 17


@pytest.fixture(scope="module")
def runs(tiny, stores, tmp_path_factory):
    """A run trained on the plain store, and one trained on the inverted one."""
    from cxrcompare import models
    from cxrcompare.training.run_config import RunConfig
    from cxrcompare.training.steps import device
    from cxrcompare.training.train import train

    device.start()
    folder = tmp_path_factory.mktemp("runs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "build", tiny.build, raising=False)
        for store in stores:
            config = RunConfig(
                model="mobilenet",
                store=store,
                weights="none",
                epochs=8,
                batch_size=16,
                patience=0,
                learning_rate=0.01,
                precision="float32",
            )
            train(config, folder / store.name)
    return folder / "plain", folder / "inverted"


@pytest.mark.keras
def test_correctly_fed_images_are_no_problem(runs, stores, capsys):
    assert main(["doctor", str(runs[0]), str(stores[0])]) == 0
    text = capsys.readouterr().out
    assert "no problem found" in text
    assert "over 100 images of 50 patients of the split test" in text
    assert "This is the store that the run was trained on." in text
    assert max(map(len, text.split("\n"))) <= 100 + len(str(stores[0]))


@pytest.mark.keras
def test_a_network_trained_on_inverted_images_is_recognised(runs, stores, capsys):
    for run, store in ((runs[1], stores[0]), (runs[0], stores[1])):
        assert main(["doctor", str(run), str(store), "--split", "valid"]) == 1
        said = capsys.readouterr()
        first = said.out.split("\n")[2]
        assert first.startswith("1. input: The network does significantly better")
        assert first.endswith("grey levels inverted.")
        assert "The run was trained on another store." in said.out
        assert "MONOCHROME1" in said.out
        assert said.err.endswith("cxrcompare: 1 problem found\n")


@pytest.mark.keras
def test_the_number_of_images_is_limited_and_the_choice_repeats(runs, stores):
    first, second = (examine_input(runs[0], stores[0], images=60) for _ in range(2))
    assert first == second
    assert "over 60 images" in first[-1].message


@pytest.mark.keras
def test_wrong_input_is_one_line_and_status_2(runs, stores, tmp_path, capsys):
    run, store = map(str, (runs[0], stores[0]))
    for words, message in (
        (
            [run, store, "--reference", f"{store}/table.csv"],
            "must be given for prediction files only",
        ),
        ([store, run], "must be the folder of a finished training"),
        ([run, run], "must be a finished image store"),
        ([run], "`--reference` must be given for prediction files"),
        ([run, store, "--images", "3"], "from 20 to"),
    ):
        assert main(["doctor", *words]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert message in said.err
        assert said.err.count("\n") == 1
    with pytest.raises(InputError, match="`images` must be"):
        examine_input(run, store, images=1)
