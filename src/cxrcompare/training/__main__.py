"""`python -m cxrcompare.training REQUEST.json RUN`: trains one network in a separate process."""

import os
import sys
import threading
from pathlib import Path

from cxrcompare import exit_status, progress
from cxrcompare.filesystem import files


def _train() -> None:
    from cxrcompare.training.run_config import RunConfig
    from cxrcompare.training.train import train

    request, folder = map(Path, sys.argv[1:])
    with progress.shown():
        train(RunConfig.model_validate(files.read_json(request)), folder)


def _end_with_parent() -> None:
    """Ends this process if its parent, which keeps standard input open, was killed."""
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(exit_status.run(_train))
