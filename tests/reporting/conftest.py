"""Simulated comparisons and a report of one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cxrcompare.comparison.result.comparison import Comparison

from .full_comparison import make_full
from .simulated_comparison import make


@pytest.fixture(scope="session")
def make_comparison() -> Callable[..., Comparison]:
    return make


@pytest.fixture(scope="session")
def comparison() -> Comparison:
    """Five networks, 14 findings, two seeds, three readers; as it reads back from its file."""
    return make(seeds=2, readers=3)


@pytest.fixture(scope="session")
def report_folder(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from cxrcompare.reporting import write_report

    out = tmp_path_factory.mktemp("report")
    write_report(comparison, out)
    return out


@pytest.fixture(scope="session")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """A comparison that has rows in every table."""
    return make_full(tmp_path_factory.mktemp("full"))
