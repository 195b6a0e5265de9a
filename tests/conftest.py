"""Settings of all tests."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import hypothesis
import pytest

# A collection visits all objects of the imported packages: with the default it takes 7 % of the
# time of the tests of reports.
gc.set_threshold(50_000, 20, 20)

hypothesis.settings.register_profile("no deadline", deadline=None)  # tests time nothing
hypothesis.settings.load_profile("no deadline")


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_the_disk() -> Iterator[None]:
    """Skips `os.fsync`, 10 ms per file: files of tests need not survive a power failure."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda number: None)
        yield
