"""The same numbers from files, frames, arrays and Predictions, and from the command line."""

import dataclasses
import inspect
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import cxrcompare as cxr


def tables(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def arrays(frame):
    names = [name for name in frame.columns if not name.endswith("_id")]
    return {
        "ids": frame["study_id"].to_numpy(),
        "patient_id": frame["patient_id"].to_list(),
        "findings": names,
        "scores": frame[names].to_numpy(),
    }


def test_the_command_line_and_python_write_equal_tables(study, written, tmp_path):
    words = ["compare", *written.test.models.values(), "--reference", written.test.reference]
    words += ["--validation", *written.valid.models.values()]
    words += ["--validation-reference", written.valid.reference, "--readers", written.reader]
    words += ["--subgroups", written.metadata, "--replicates", 200, "--out", tmp_path / "cli"]
    words = [str(word) for word in words]
    subprocess.run([sys.executable, "-m", "cxrcompare", *words], check=True, capture_output=True)

    options = {"replicates": 200, "metadata": study.metadata}
    frames = cxr.compare(
        study.test.models,
        study.test.reference,
        validation=study.valid.models,
        validation_reference=study.valid.reference,
        readers={"dr_a": study.test.reader},
        **options,
    )
    rng = np.random.default_rng(1)
    shuffled = cxr.compare(
        {
            name: arrays(one.sample(frac=1, random_state=rng))
            for name, one in study.test.models.items()
        },
        study.test.reference,
        validation={
            name: one.sample(frac=1, random_state=rng) for name, one in study.valid.models.items()
        },
        validation_reference=study.valid.reference,
        readers={"dr_a": study.test.reader.sample(frac=1, random_state=rng)},
        **options,
    )
    expected = tables(tmp_path / "cli")
    assert len(expected) > 8
    assert tables(frames.save(tmp_path / "frames")) == expected
    assert tables(shuffled.save(tmp_path / "shuffled")) == expected


def test_kinds_of_tables_are_mixed(study, written):
    names = [*study.test.models]
    stored = {
        name: np.array(one, dtype=None if name == "scores" else str)
        for name, one in arrays(study.test.models[names[1]]).items()
    }
    np.savez(written.folder / "net.npz", **stored)
    mixed = cxr.compare(
        {
            names[0]: written.test.models[names[0]],
            names[1]: str(written.folder / "net.npz"),
            names[2]: cxr.read_predictions(written.test.models[names[2]]),
        },
        written.test.reference,
        replicates=200,
    )
    plain = cxr.compare(study.test.models, study.test.reference, replicates=200)
    for name in ("metrics", "differences", "ranks"):
        pd.testing.assert_frame_equal(mixed.to_frame(name), plain.to_frame(name))


def test_rows_of_the_reference_in_another_order_change_no_estimate(study):
    plain = cxr.compare(study.test.models, study.test.reference, replicates=200)
    turned = cxr.compare(study.test.models, study.test.reference.iloc[::-1], replicates=200)
    for name, by in (("metrics", "value"), ("differences", "difference")):
        np.testing.assert_allclose(turned.to_frame(name)[by], plain.to_frame(name)[by], atol=1e-12)


def test_a_list_of_tables_holds_the_seeds_of_a_model(study):
    models = study.test.models
    listed = {"good": [models["good__seed0"], models["good__seed1"]], "bad": models["bad"]}
    found = cxr.compare(listed, study.test.reference, replicates=200)
    plain = cxr.compare(models, study.test.reference, replicates=200)
    pd.testing.assert_frame_equal(found.metrics, plain.metrics)


def test_ids_of_arrays_are_studies_or_images_of_the_reference():
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 2
    images = pd.DataFrame(
        {
            "image_id": [f"i{n}" for n in range(60)],
            "study_id": [f"s{n // 2}" for n in range(60)],
            "Edema": np.repeat(labels[:30], 2),
        }
    )
    scores = rng.random(60)
    by_image = {"ids": images["image_id"], "Edema": scores}
    by_study = {"ids": [f"s{n}" for n in range(30)], "Edema": scores.reshape(30, 2).max(axis=1)}
    found = cxr.compare({"a": by_image, "b": by_study}, images, replicates=100)
    assert found.differences["difference"].abs().max() < 1e-12


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda frame: frame.assign(Edema=2.0), r"^<resnet50>: row 1, column 'Edema': "),
        (lambda frame: frame.drop(columns="study_id"), r"^<resnet50>: must be a table with an id"),
        (lambda frame: frame.iloc[1:], r"^<resnet50>: must contain every id of <reference>"),
        (lambda frame: frame.drop(columns="Mass"), r"^<resnet50>: must have a column for each"),
        (lambda frame: frame["Edema"].to_numpy(), r"^<resnet50>: .* an array without ids, shape="),
        (lambda frame: None, r"^<resnet50>: .*Received: NoneType$"),
        (lambda frame: frame.rename(columns={"Mass": "Masse"}), r"^<resnet50>: .*'Masse'"),
    ],
)
def test_errors_name_the_table_in_one_line(study, change, match):
    good = study.test.models["bad"]
    with pytest.raises(cxr.InputError, match=match) as caught:
        cxr.compare({"good": good, "resnet50": change(good)}, study.test.reference)
    assert "\n" not in str(caught.value)


def test_errors_of_validation_readers_and_metadata_name_them(study):
    models, reference = study.test.models, study.test.reference
    wrong = study.valid.models["bad"].assign(Edema=-1.0)
    for given, match in (
        ({"validation": study.valid.models | {"bad": wrong}}, "^<validation bad>: row 1"),
        ({"validation": {"bad": wrong}}, "^<validation bad>"),
        (
            {"validation": models, "validation_reference": reference},
            "^<validation reference>: validation must share no",
        ),
        ({"readers": {"dr_b": reference.assign(Edema=2)}}, "^<dr_b>: row 1"),
        ({"metadata": reference[["study_id", "Edema"]]}, "^<metadata>: "),
    ):
        complete = {
            "validation": study.valid.models,
            "validation_reference": study.valid.reference,
        } | given
        with pytest.raises(cxr.InputError, match=match):
            cxr.compare(models, reference, **complete)


def test_tables_without_names_are_refused(study):
    frame = study.test.models["bad"]
    for given in ([frame], frame, {"ids": np.array(["a"]), "Edema": np.array([0.5])}, {3: frame}):
        with pytest.raises(cxr.InputError, match="name"):
            cxr.compare(given, study.test.reference)


def test_predictions_with_wrong_values_are_refused(study, written):
    one = cxr.read_predictions(written.test.models["bad"])
    wrong = dataclasses.replace(one, values=one.values + 1)
    with pytest.raises(cxr.InputError, match=r"probabilities in \[0, 1\]"):
        cxr.compare({"bad": wrong}, study.test.reference)
    short = dataclasses.replace(one, values=one.values[1:])
    with pytest.raises(cxr.InputError, match="`values` must be"):
        cxr.compare([short], study.test.reference)


def test_every_option_of_the_command_line_has_its_keyword_and_default():
    from cxrcompare.comparison.compare import Options

    parameters = inspect.signature(cxr.compare).parameters
    for one in dataclasses.fields(Options):
        assert parameters[one.name].default == one.default
        assert parameters[one.name].kind is inspect.Parameter.KEYWORD_ONLY
    others = {"predictions", "reference", "validation", "validation_reference", "readers"}
    assert set(parameters) == {one.name for one in dataclasses.fields(Options)} | others | {
        "metadata",
        "thresholds",
        "second_reference",
        "labeller_rates",
        "context",
    }


def test_wrong_options_are_refused(study):
    with pytest.raises(cxr.InputError, match="`level` must be"):
        cxr.compare(study.test.models, study.test.reference, level=2)


def test_nothing_in_the_working_folder_describes_tables_in_memory(study, tmp_path, monkeypatch):
    (tmp_path / "predictions").mkdir()
    (tmp_path / "config.json").write_text('{"recipe": "other"}')
    (tmp_path / "predictions/sample.json").write_text('{"synthetic": true}')
    monkeypatch.chdir(tmp_path / "predictions")
    found = cxr.compare({"bad": study.test.models["bad"]}, study.test.reference, replicates=100)
    protocol = found.protocol.set_index("item")["value"]
    assert protocol["synthetic"] is None
    assert protocol["reference"] == "<reference>"
    assert found.content.models[0]["cost"] is None


def test_facts_of_the_context_are_in_the_protocol(study):
    found = cxr.compare(
        study.test.models, study.test.reference, replicates=100, context={"title": "Ours"}
    )
    assert found.protocol.set_index("item")["value"]["title"] == "Ours"


def test_load_returns_what_was_saved(result, tmp_path):
    folder = result.save(tmp_path / "comparison")
    for found in (cxr.load(folder), cxr.load(folder / "comparison.json")):
        for name in ("metrics", "differences", "ranks", "warnings", "protocol", "thresholds"):
            frame = found.protocol if name == "protocol" else found.to_frame(name)
            own = result.protocol if name == "protocol" else result.to_frame(name)
            pd.testing.assert_frame_equal(frame, own, check_dtype=False)
        assert repr(found) == repr(result)
    for wrong in (tmp_path, tmp_path / "none"):
        with pytest.raises(cxr.InputError, match="must be the folder of a comparison"):
            cxr.load(wrong)
