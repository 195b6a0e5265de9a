"""The panel of networks and baselines."""

import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.errors import InputError

FEW = Options(replicates=200)


def test_a_model_named_as_a_trivial_model_is_refused(bench):
    with pytest.raises(InputError, match="prevalence"):
        compare([bench.model("prevalence", 0.7)], bench.standard(), options=FEW)


def test_one_run_of_an_architecture_is_a_warning(bench, row):
    paths = [bench.model(name, 0.7) for name in ("a__seed0", "a__seed1", "b", "c__seed5")]
    found = compare(paths, bench.standard(), options=FEW)
    assert row(found.warnings, code="one_seed")["message"].startswith("one run each of b, c: ")


def test_models_are_described(bench):
    found = compare([bench.model("a__seed4", 0.7)], bench.standard(), options=FEW)
    one = found.models[0]
    assert (one["name"], one["kind"], one["seeds"]) == ("a", "network", ["4"])
    assert (one["description"], one["cost"]) == ("predictions from a file", None)
    assert set(found.thresholds["seed"]) == {"4"}


def test_the_thresholds_of_the_metadata_baseline_have_noise_and_those_of_others_do_not(bench, rows):
    paths = {split: [bench.model("a", 0.7, split)] for split in ("test", "valid")}
    about = bench.about({"age": lambda split, count: bench.signal[split][:, 0].round(3)})
    found = compare(
        paths["test"],
        bench.standard(),
        validation=paths["valid"],
        validation_reference=bench.standard("valid"),
        subgroups=about,
        options=FEW,
    )
    methods = rows(found.metrics, metric="sensitivity", subgroup="", finding="Atelectasis")
    methods = methods.set_index("model")["method"]
    assert methods["metadata alone"].endswith(" with threshold noise")
    for name in ("prevalence", "nothing positive"):
        assert methods[name].endswith(" at the baseline's own threshold")
