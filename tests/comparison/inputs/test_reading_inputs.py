"""Reading and joining the files of a comparison."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inputs.reading_inputs import read
from cxrcompare.comparison.inputs.sources import Sources
from cxrcompare.errors import InputError

FEW = Options(replicates=200)


def test_validation_must_fit(bench):
    test, valid = bench.model("net", 0.7), bench.model("net", 0.7, "valid")
    other = bench.model("other", 0.7, "valid")
    standards = bench.standard(), bench.standard("valid")
    with pytest.raises(InputError, match="validation_reference"):
        compare([test], standards[0], validation=[valid], options=FEW)
    with pytest.raises(InputError, match="`validation` must be given"):
        compare([test], standards[0], validation_reference=standards[1], options=FEW)
    with pytest.raises(InputError, match="none for net"):
        compare(
            [test], standards[0], validation=[other], validation_reference=standards[1], options=FEW
        )
    with pytest.raises(InputError, match="without a match, other"):
        compare(
            [test],
            standards[0],
            validation=[valid, other],
            validation_reference=standards[1],
            options=FEW,
        )
    with pytest.raises(InputError, match="no studies with the test set"):
        compare(
            [test], standards[0], validation=[test], validation_reference=standards[0], options=FEW
        )


def test_validation_on_patients_of_the_test_set_is_refused(bench):
    bench.rows["valid"]["patient_id"] = bench.rows["test"]["patient_id"]
    with pytest.raises(InputError, match=r"no patients with the test set.*60 in both"):
        compare(
            [bench.model("net", 0.7)],
            bench.standard(),
            validation=[bench.model("net", 0.7, "valid")],
            validation_reference=bench.standard("valid"),
            options=FEW,
        )


@pytest.mark.parametrize(("rule", "merge"), [("max", np.max), ("mean", np.mean)])
def test_views_are_merged_before_anything_is_computed(bench, row, rule, merge):
    scores = bench.rng.random((120, 2, 3))
    rows = bench.rows["test"].loc[np.repeat(np.arange(120), 2)].reset_index(drop=True)
    rows.insert(0, "image_id", [f"i{n}" for n in range(240)])
    path = bench.folder / "net.csv"
    values = dict(zip(bench.findings, scores.reshape(240, 3).T, strict=True))
    pd.concat([rows, pd.DataFrame(values)], axis=1).sample(frac=1, random_state=0).to_csv(
        path, index=False
    )
    found = compare([path], bench.standard(), options=Options(replicates=100, views_rule=rule))
    one = row(found.metrics, model="net", seed="all", finding="Mass", metric="auroc")
    expected = roc_auc_score(bench.labels["test"][:, 2], merge(scores[:, :, 2], axis=1))
    assert one["value"] == pytest.approx(expected)
    assert (found.protocol["images"], found.protocol["studies"]) == (240, 120)
    by_image = compare([path], bench.standard(), options=Options(replicates=100, unit="image"))
    one = row(by_image.metrics, model="net", seed="all", finding="Mass", metric="auroc")
    expected = roc_auc_score(np.repeat(bench.labels["test"][:, 2], 2), scores[:, :, 2].ravel())
    assert one["value"] == pytest.approx(expected)
    assert by_image.protocol["patients"] == 60


@pytest.mark.parametrize(("ids", "message"), [("x", "must contain ids"), ("", "blank cells only")])
def test_metadata_that_says_nothing_is_refused_for_what_it_lacks(bench, ids, message):
    units = bench.rows["test"][["study_id"]]
    path = bench.folder / "about.csv"
    units.assign(study_id=ids + units["study_id"], sex="" if not ids else "F").to_csv(
        path, index=False
    )
    with pytest.raises(InputError, match=message):
        compare([bench.model("a", 0.5)], bench.standard(), subgroups=path, options=FEW)


@pytest.mark.parametrize("name", ["predictions", "validation", "readers"])
def test_one_file_in_place_of_a_list_is_refused(bench, name):
    path, standard = bench.model("a", 0.5), bench.standard()
    given = {"predictions": [path], "validation": [], "readers": []} | {name: str(path)}
    with pytest.raises(
        InputError, match=rf"`{name}` must be a list of files, .*Received: .*a\.csv"
    ):
        compare(
            given["predictions"],
            standard,
            validation=given["validation"],
            readers=given["readers"],
            options=FEW,
        )


def test_two_readers_of_one_name_are_refused(bench):
    readers = [bench.table("r", bench.labels["test"], "test"), bench.folder / "other" / "r.csv"]
    readers[1].parent.mkdir()
    readers[1].write_bytes(readers[0].read_bytes())
    with pytest.raises(InputError, match=r"other.*unique file name. Received: r$"):
        compare([bench.model("a", 0.5)], bench.standard(), readers=readers, options=FEW)


def test_seeds_of_an_architecture_are_adjacent_and_in_numeric_order(bench):
    names = ("b__seed10", "a", "b__seed9")
    paths = [bench.model(name, 0.5) for name in names]
    found = read(Sources(paths, bench.standard()), FEW)
    assert found.test.runs == (("b", "9"), ("b", "10"), ("a", ""))
    assert [one.path for one in found.predictions] == [paths[2], paths[0], paths[1]]
    for scores, path in zip(found.test.scores, (paths[2], paths[0], paths[1]), strict=True):
        assert np.array_equal(scores, bench.scores(path))
