"""`python -m cxrcompare.training REQUEST.json RUN`: one training in a process of its own."""

import sys
from pathlib import Path

from cxrcompare import border, files


def _train() -> None:
    from cxrcompare.training.config import RunConfig
    from cxrcompare.training.train import train

    request, folder = map(Path, sys.argv[1:])
    train(RunConfig.model_validate(files.read_json(request)), folder)


if __name__ == "__main__":
    sys.exit(border.run(_train))
