"""Several references: sites, findings, ids, and predictions in several files."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.cli.commands import main
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.errors import InputError

FEW = Options(replicates=100)


@pytest.fixture
def parts(make_bench):
    """Returns the files of three sites: references, and predictions by model and site."""
    bench = make_bench(studies=360)
    paths = [bench.model(name, noise) for name, noise in (("a", 0.3), ("b", 1.0))]
    whole = bench.standard()
    found = {"bench": bench, "whole": whole, "paths": paths, "references": [], "predictions": []}
    for number, name in enumerate("xyz"):
        rows = slice(120 * number, 120 * (number + 1))
        folder = bench.folder / name
        folder.mkdir()
        for path in paths:
            pd.read_csv(path).iloc[rows].to_csv(folder / path.name, index=False)
            found["predictions"].append(folder / path.name)
        part = pd.read_csv(whole).iloc[rows]
        part.to_csv(folder / f"{name}.csv", index=False)
        found["references"].append(folder / f"{name}.csv")
    return found


def test_several_files_are_one_comparison_with_sites(parts):
    joined = compare(parts["paths"], parts["whole"], options=FEW)
    found = compare(parts["predictions"], parts["references"], options=FEW)
    one_file = compare(parts["paths"], parts["references"], options=FEW)
    for name in ("metrics", "differences", "ranks"):
        for other in (found, one_file):
            pd.testing.assert_frame_equal(getattr(other, name), getattr(joined, name))
    assert set(found.site_metrics["site"]) == {"x", "y", "z"}
    assert (found.site_pooled["sites"] == 3).all()
    assert joined.site_metrics.empty
    assert found.protocol["reference"] == "x.csv + y.csv + z.csv"


def test_tables_in_memory_are_sites_too(parts):
    frames = [pd.read_csv(path) for path in parts["references"]]
    found = compare(parts["paths"], frames, options=FEW)
    assert set(found.site_metrics["site"]) == {"reference 1", "reference 2", "reference 3"}


def test_a_finding_that_a_site_lacks_is_unknown_there(parts):
    path = parts["references"][0]
    pd.read_csv(path).drop(columns="Mass").to_csv(path, index=False)
    found = compare(parts["paths"], parts["references"], options=FEW)
    counts = found.counts.set_index("finding")["unknown"]
    assert counts.to_dict() == {"Atelectasis": 0, "Edema": 0, "Mass": 120}


def test_the_command_line_repeats_the_option(parts, tmp_path, capsys):
    words = ["compare", *map(str, parts["paths"]), "--out", str(tmp_path / "out")]
    for path in parts["references"]:
        words += ["--reference", str(path)]
    assert main([*words, "--replicates", "100"]) == 0
    assert "sites: Over 3 sites" in capsys.readouterr().err
    assert (tmp_path / "out/site_pooled.csv").is_file()


def test_wrong_sets_are_refused_in_one_line(parts):
    paths, (x, y, z) = parts["paths"], parts["references"]
    with pytest.raises(InputError, match=r"x\.csv: each reference must have a unique file name"):
        compare(paths, [x, x, z], options=FEW)
    twice = pd.read_csv(y)
    twice.loc[0, "study_id"] = "s0"
    twice.to_csv(y, index=False)
    with pytest.raises(InputError, match=r"z\.csv: must have other ids .*Received: s0 twice"):
        compare(paths, [x, y, z], options=FEW)
    with pytest.raises(InputError, match="`reference` must be at least one table"):
        compare(paths, [], options=FEW)


def test_files_of_one_model_have_the_same_findings(parts):
    path = parts["predictions"][-1]
    pd.read_csv(path).drop(columns="Mass").to_csv(path, index=False)
    with pytest.raises(InputError, match=r"z/b\.csv: must have the findings \(Atelectasis, Edema"):
        compare(parts["predictions"], parts["references"], options=FEW)


def test_a_column_of_sites_is_refused_beside_several_references(parts):
    bench = parts["bench"]
    about = bench.about({"hospital": lambda split, count: list(np.repeat(["A", "B"], count // 2))})
    with pytest.raises(InputError, match="`site` must not be given with several references"):
        compare(
            parts["paths"],
            parts["references"],
            subgroups=about,
            options=Options(replicates=100, site="hospital"),
        )
