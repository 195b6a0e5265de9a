"""The files of a comparison."""

import dataclasses

import pandas as pd

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import TABLES, read
from cxrcompare.comparison.result.saving import write
from cxrcompare.comparison.result.summary import summary_table
from cxrcompare.comparison.row_types.all_rows import ALWAYS


def test_files_and_the_short_table(bench, tmp_path):
    paths = [bench.model("a__seed0", 0.4), bench.model("a__seed1", 0.4), bench.model("b", 1.5)]
    found = compare(paths, bench.standard(), options=Options(replicates=100, margin=0.05))
    out = tmp_path / "out"
    write(found, out)
    for name, columns in TABLES.items():
        path = out / f"{name}.csv"
        assert path.is_file() == (name in ALWAYS or len(getattr(found, name)) > 0)
        if path.is_file():
            assert tuple(pd.read_csv(path).columns) == columns
    assert (out / "multilabel_confusion" / "a.csv").is_file()
    assert len(pd.read_csv(out / "non_inferiority.csv")) == 2 * 5
    again = read(out / "comparison.json")
    assert summary_table(again) == summary_table(found)
    table = summary_table(found)
    assert len({len(line) for line in table}) == 1
    assert table[0][0] == "detectable difference"
    resolution = found.resolution.assign(minimum_detectable_difference=1.0)
    beyond = summary_table(dataclasses.replace(found, resolution=resolution))
    assert beyond[0][1] == "exceeds the maximum possible difference (80% power, corrected)"
    assert [line[0] for line in table[2:]] == [model["name"] for model in found.models]
    pd.testing.assert_frame_equal(again.differences, found.differences, check_dtype=False)


def test_two_names_never_share_a_file(bench, tmp_path):
    names = ["m+x", "m=x", "Net", "net", "ResNet50", "é", "n" * 250]
    found = compare(
        [bench.model(name, 0.5) for name in names],
        bench.standard(),
        options=Options(replicates=100),
    )
    write(found, tmp_path / "out")
    written = [path.name for path in (tmp_path / "out" / "multilabel_confusion").iterdir()]
    assert len({name.lower() for name in written}) == len(names)
    assert "ResNet50.csv" in written
    for path in (tmp_path / "out" / "multilabel_confusion").iterdir():
        assert "true" in pd.read_csv(path).columns


def test_a_table_that_is_optional_and_empty_is_not_written(bench, tmp_path):
    options = Options(replicates=100)
    found = compare([bench.model("a", 0.5)], bench.standard(), options=options)
    write(found, tmp_path / "out")
    assert not (tmp_path / "out" / "non_inferiority.csv").exists()
    assert (tmp_path / "out" / "differences.csv").is_file()  # without rows, but always there
    table = pd.read_csv(tmp_path / "out" / "multilabel_confusion" / "a.csv")
    assert table.columns[0] == "true"
    assert table["true"].tolist() == [*bench.findings, "no true label"]
