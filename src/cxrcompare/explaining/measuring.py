"""Measuring: the maps of `explain` against the regions of a data set, as tables."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from cxrcompare.errors import InputError
from cxrcompare.explaining.maps import Maps
from cxrcompare.explaining.measured_runs import measure_runs
from cxrcompare.filesystem import files
from cxrcompare.filesystem.spreadsheet_cells import csv_text
from cxrcompare.images.prepare import open_store
from cxrcompare.localisation.regions import finding_regions
from cxrcompare.localisation.regions.image_regions import RegionSource
from cxrcompare.localisation.tables import Localisation
from cxrcompare.options.image_commands import Explain, MapMethod

logger = logging.getLogger(__name__)


class Measuring:
    """Measures the maps of `explain` and writes their tables, if there are regions.

    Attributes:
        found: The results, after the call; None without regions.
    """

    def __init__(
        self,
        runs: Sequence[Path],
        input: Path,
        split: str,
        regions: Path | None = None,
        readers: Sequence[Path] = (),
        method: MapMethod = Explain.method,
    ) -> None:
        """Opens the store and the files of regions.

        Raises:
            InputError: A file of regions is given without a store, or is damaged.
        """
        self.found: Localisation | None = None
        self._runs, self._split, self._method = runs, split, method
        self._regions: RegionSource | None = None
        if not (input / "store.json").is_file():
            if regions is not None or readers:
                raise InputError(
                    "`--regions` and `--readers` must be given with an image store. "
                    f"Received: {input}"
                )
            return
        self._store = open_store(input)
        table = self._store.table
        self._regions = (
            finding_regions.in_data_set(table, split)
            if regions is None
            else finding_regions.in_file(regions, table)
        )
        self._readers = {
            path.stem: finding_regions.in_file(path, table) for path in map(Path, readers)
        }

    def __call__(self, folder: Path, maps: list[Maps]) -> None:
        """Writes localisation.csv and the other tables that have rows.

        Args:
            folder: The output folder.
            maps: The maps of the runs, in their order.
        """
        if self._regions is None:
            return
        shared = set(self._regions.findings).intersection(*(one.findings for one in maps))
        if not shared:
            logger.warning("the maps are not measured: no finding has %s", self._regions.name)
            return
        self.found = measure_runs(
            self._runs,
            self._store,
            self._regions,
            self._split,
            readers=self._readers,
            known=maps,
            method=self._method,
        )
        for name, table in self.found.tables().items():
            if len(table):
                files.write_text(folder / f"{name}.csv", csv_text(table))
