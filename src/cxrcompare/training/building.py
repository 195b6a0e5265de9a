"""Builds a network of another module in a child process, to find errors before decoding.

The child is `python -P -m cxrcompare.training.building MODEL SIZE`.
"""

from __future__ import annotations

import subprocess
import sys

from cxrcompare import exit_status, isolated, models
from cxrcompare.errors import InputError, JobError
from cxrcompare.training.steps import device

_MODULE = "cxrcompare.training.building"


def check_builds(model: str, image_size: int) -> None:
    """Builds a network in a child process, so that this process loads no framework.

    Args:
        model: A name of `models.names()`, or `module:function`.
        image_size: Side of the images in pixels.

    Raises:
        InputError: The network's module, its function or the result of the function is not valid.
        JobError: The process crashed.
    """
    done = subprocess.run(
        isolated.command(_MODULE, model, str(image_size)),
        env=isolated.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    lines = done.stderr.strip().splitlines()
    last = lines[-1].removeprefix("cxrcompare: ") if lines else "no message"
    if done.returncode == 2:
        raise InputError(last)
    if done.returncode:
        how = isolated.ended(done.returncode)
        raise JobError(f"{model}: the process that built the network for a test: {how}: {last}")


def _build() -> None:
    model, size = sys.argv[1:]
    device.start()
    models.build(model, findings=1, image_size=int(size))


if __name__ == "__main__":
    sys.exit(exit_status.run(_build))
