"""Tables of the readers, from rows worked by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.reporting.results import reader_table
from cxrcompare.reporting.results.lookup import Results

NAN = float("nan")


def test_readers_are_grouped_by_their_position(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema",), readers=1)
    sample = plain.readers.to_dict("records")[0]
    rows = [
        sample | {"model": model, "reader": reader, "below_curve": below}
        for model, reader, below in (
            ("a", "r1", 1.0),
            ("a", "r2", 0.0),
            ("a", "r3", 1.0),
            ("b", "r1", NAN),
            ("b", "r2", 1.0),
        )
    ]
    found = reader_table.tables(Results(dataclasses.replace(plain, readers=table("readers", rows))))
    assert found.below == {("a", "Edema"): (["r1", "r3"], ["r2"]), ("b", "Edema"): (["r2"], [])}
    assert found.names == ["r1", "r2", "r3"]
    assert list(found.rates["Edema"]) == ["r1", "r2", "r3"]
    assert found.rates["Edema"]["r1"].model == "a"  # the rates do not depend on the network


def test_agreement_names_its_pair_and_is_defined(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema",), readers=2)
    sample = plain.agreement.to_dict("records")[0]
    rows = [
        sample,
        sample | {"reader_a": "all", "reader_b": "all", "kappa": 0.4},
        sample | {"kappa": NAN},
    ]
    agreed = dataclasses.replace(plain, agreement=table("agreement", rows))
    found = reader_table.tables(Results(agreed)).agreement
    assert [(pair, row.kappa) for pair, row in found] == [
        ("reader 1 – reader 2", 0.55),
        ("all readers (Fleiss)", 0.4),
    ]


def test_without_readers_the_tables_are_empty(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema",))
    assert reader_table.tables(Results(plain)) == reader_table.Readers({}, [], {}, [], [])
