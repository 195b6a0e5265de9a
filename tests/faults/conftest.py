"""The tiny store and network of the tests of trainings."""

import importlib.util
import sys
from pathlib import Path

_PATH = Path(__file__).parents[1] / "training" / "conftest.py"
_SPEC = importlib.util.spec_from_file_location("training_conftest", _PATH)
_MODULE = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = _MODULE
_SPEC.loader.exec_module(_MODULE)

tiny, store, backend = _MODULE.tiny, _MODULE.store, _MODULE.backend
tiny_network, config = _MODULE.tiny_network, _MODULE.config
