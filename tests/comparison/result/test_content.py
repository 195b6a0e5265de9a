"""The format of comparison.json: its schema, and edits by hand, which end in one line."""

from __future__ import annotations

import copy
import json
import math
import random
from pathlib import Path
from typing import Any

import pytest

from cxrcompare import environment
from cxrcompare.cli.commands import main
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import TABLES, read
from cxrcompare.comparison.result.content import schema_text
from cxrcompare.comparison.result.saving import write
from cxrcompare.comparison.row_types.all_rows import ROWS
from cxrcompare.errors import InputError
from cxrcompare.reporting.report import fill

SCHEMA = Path(__file__).parents[3] / "docs" / "comparison.schema.json"
JUNK: list[Any] = [
    None,
    True,
    "",
    "nobody",
    "\ud800",
    "<b>",
    -1,
    0,
    2,
    10**9,
    10**400,
    1e300,
    -0.5,
    math.nan,
    math.inf,
    [],
    {},
    [[{"a": [1]}]],
    {"a": {"b": None}},
]


@pytest.fixture(scope="module")
def stored(shared_bench, tmp_path_factory):
    """Gives the text of a comparison.json."""
    bench, folder = shared_bench, tmp_path_factory.mktemp("whole")
    paths = [bench.model(name, 0.5) for name in ("a__seed0", "a__seed1", "b")]
    found = compare(paths, bench.standard(), options=Options(replicates=100, margin=0.05))
    write(found, folder / "whole")
    return (folder / "whole/comparison.json").read_text(encoding="utf-8")


@pytest.fixture
def whole(stored):
    return json.loads(stored)


def edit(content: Any, chosen: random.Random) -> str:
    """Changes one value of the content at random, in place, and describes the edit."""
    path: list[Any] = []
    while True:
        keys = [*content] if isinstance(content, dict) else [*range(len(content))]
        key = chosen.choice(keys)
        path.append(key)
        if isinstance(content[key], dict | list) and content[key] and chosen.random() < 0.8:
            content = content[key]
            continue
        action = chosen.choice(("drop", "set", "set", "set", "number", "more"))
        if action == "drop":
            del content[key]
        elif action == "number" and isinstance(content[key], int | float):
            content[key] = content[key] * chosen.choice((-1, 0, 7, 1e9))
        elif action == "more" and isinstance(content, list):
            content.append(copy.deepcopy(content[key]))
        else:
            content[key] = copy.deepcopy(chosen.choice(JUNK))
        return f"{action} at {path}"


def test_an_edited_file_is_reported_or_refused_in_one_line(stored, tmp_path):
    chosen = random.Random(0)
    path = tmp_path / "comparison.json"
    outcomes = {"reported": 0, "refused": 0}
    for number in range(300):
        content = json.loads(stored)
        edits = [edit(content, chosen) for _ in range(chosen.choice((1, 1, 3)))]
        path.write_text(json.dumps(content), encoding="utf-8")
        try:
            found = read(path)
        except InputError as error:
            assert "\n" not in str(error)
            assert str(error).startswith(str(path))
            outcomes["refused"] += 1
            continue
        try:
            fill(found, tmp_path / "report")
        except Exception as error:
            raise AssertionError(f"edit {number}: {edits}") from error
        outcomes["reported"] += 1
    assert min(outcomes.values()) > 10, outcomes


@pytest.mark.parametrize(
    ("edited", "line"),
    [
        ({"format": 1}, "of format 3; run `cxrcompare compare` again. Received: format 1"),
        ({"findings": ["Edema", "Edema"]}, "`findings` must have distinct names"),
        ({"extra": {}}, "`extra` must be absent in a comparison.json of cxrcompare "),
        ({"models": []}, "`models` must have at least 1 item"),
    ],
)
def test_the_command_refuses_with_one_line_and_status_2(whole, tmp_path, capsys, edited, line):
    folder = tmp_path / "alone"
    folder.mkdir()
    (folder / "comparison.json").write_text(json.dumps(whole | edited), encoding="utf-8")
    assert main(["report", str(folder)]) == 2
    err = capsys.readouterr().err
    assert line in err
    assert "Traceback" not in err


def test_an_earlier_result_without_a_column_says_how_to_write_it_again(whole, tmp_path):
    path = tmp_path / "comparison.json"
    older = copy.deepcopy(whole)
    del older["differences"]["method"]
    path.write_text(json.dumps(older), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(path)
    version = environment.versions()["cxrcompare"]
    assert str(caught.value) == (
        f"{path}: `differences.method` must be in a comparison.json of cxrcompare {version}; "
        "run `cxrcompare compare` again. Received: none"
    )


def test_an_unknown_model_or_finding_in_a_row_is_named(whole, tmp_path):
    path = tmp_path / "comparison.json"
    for table, column in (("metrics", "model"), ("differences", "model_b"), ("ranks", "model")):
        content = copy.deepcopy(whole)
        content[table][column][0] = "nobody"
        path.write_text(json.dumps(content), encoding="utf-8")
        with pytest.raises(InputError, match=rf"`{table}\.{column}` must be one of .*nobody"):
            read(path)


def test_the_schema_of_the_documentation_is_the_printed_one(capsys):
    assert main(["schema"]) == 0
    printed = capsys.readouterr().out
    assert printed == schema_text() == SCHEMA.read_text(encoding="utf-8")


def test_the_schema_describes_every_column_of_a_real_file(whole):
    schema = json.loads(schema_text())
    assert set(schema["required"]) == set(schema["properties"]) == set(whole)
    for name, columns in TABLES.items():
        reference = schema["properties"][name]["$ref"].rpartition("/")[2]
        properties = schema["$defs"][reference]["properties"]
        assert tuple(properties) == columns == tuple(whole[name]) == tuple(ROWS[name]._fields)
        assert all(one["description"] for one in properties.values())
