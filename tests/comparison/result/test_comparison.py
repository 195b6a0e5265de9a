"""All results of a comparison as tables, written and read."""

import dataclasses
import itertools
import json

import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import Comparison, read
from cxrcompare.comparison.result.writing import write
from cxrcompare.errors import InputError

FEW = Options(replicates=100)


def test_a_field_of_a_wrong_type_is_named(bench, tmp_path):
    paths = [bench.model(name, 0.5) for name in ("a__seed0", "a__seed1", "b")]
    write(compare(paths, bench.standard(), options=FEW), tmp_path)
    path = tmp_path / "comparison.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    read(path)
    names = [item.name for item in dataclasses.fields(Comparison)]
    for name, value in itertools.product(names, [7, "text", [1], {"a": 1}, None]):
        if name == "reference_bootstrap" and value is None:
            continue
        path.write_text(json.dumps(whole | {name: value}), encoding="utf-8")
        with pytest.raises(InputError) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: `{name}"), (name, value)
        assert " must be " in str(caught.value)
        assert ". Received: " in str(caught.value)
