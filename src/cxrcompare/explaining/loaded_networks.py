"""LoadedNetworks: the map makers of finished runs, each network loaded and compiled once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from cxrcompare import models
from cxrcompare.explaining.map_making import MapMaker, map_maker
from cxrcompare.options.image_commands import MapMethod
from cxrcompare.training.steps import device


class LoadedNetworks:
    """The networks that make maps, by run, findings and method.

    They stay in memory, so that a network is compiled once for all its maps.
    """

    def __init__(self) -> None:
        """Begins without a network."""
        self._lock = Lock()
        self._makers: dict[tuple[Path, tuple[int, ...], MapMethod], MapMaker] = {}

    def maker(
        self, run: Path, findings: Sequence[int], method: MapMethod = "class-map"
    ) -> MapMaker:
        """Returns what makes the maps of a run.

        Args:
            run: The folder of the run.
            findings: Indices of the logits.
            method: The method.

        Raises:
            InputError: The network has another head, or cannot be loaded.
        """
        key = run.resolve(), tuple(findings), method
        with self._lock:
            if key not in self._makers:
                device.start()  # before Keras is imported
                model = models.load(run / "model.keras")
                self._makers[key] = map_maker(model, findings, method)
            return self._makers[key]
