"""LoadedNetworks: the map makers of finished runs, each network loaded and compiled once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import TypeVar

from cxrcompare import environment, models
from cxrcompare.explaining.map_making import MapMaker, map_maker
from cxrcompare.options.image_commands import MapMethod
from cxrcompare.threads import threads
from cxrcompare.training.steps import device

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_parallel(make: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Returns the results of a function that makes maps, two at a time unless there is a GPU.

    Args:
        make: The function.
        items: Its arguments, one for each network.
    """
    device.start()  # before Keras is imported
    workers = 1 if device.gpu() else min(2, environment.cores())
    with threads(workers) as start:
        return [job.result() for job in [start(make, item) for item in items]]


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
