"""Compiled templates on disk: compiling the templates of the page takes longer than filling them.

The files are Python bytecode, as in `__pycache__`: they are beside the templates, or in a folder
that only this user can write. Where neither can be used, templates are compiled in each process.
"""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import jinja2
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from cxrcompare import compiling

_DIGEST = hashlib.sha256().digest_size
_UNREADABLE = (OSError, EOFError, ValueError, TypeError)


class CompiledTemplates(BytecodeCache):
    """Keeps the bytecode of templates; a damaged or outdated file is written again.

    Args:
        templates: The folder of the templates.
    """

    def __init__(self, templates: Path) -> None:
        self._templates = templates

    def load_bytecode(self, bucket: Bucket) -> None:
        """Sets the bucket's code if a file has it."""
        for path in self._paths(bucket):
            with suppress(*_UNREADABLE):
                content = path.read_bytes()
                code = content[2 * _DIGEST :]
                if content[: 2 * _DIGEST] == _version(bucket) + hashlib.sha256(code).digest():
                    bucket.code = marshal.loads(code)
                    return

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Writes the bucket's code to the first folder that can be written."""
        code = marshal.dumps(bucket.code)
        content = _version(bucket) + hashlib.sha256(code).digest() + code
        for path in self._paths(bucket, create=True):
            partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
            try:
                partial.write_bytes(content)
                partial.replace(path)
            except OSError:
                with suppress(OSError):
                    partial.unlink(missing_ok=True)
            else:
                return

    def _paths(self, bucket: Bucket, create: bool = False) -> Iterator[Path]:
        """Yields the paths of a template's file in the folders that are trusted."""
        name = f"{bucket.key}.{sys.implementation.cache_tag}.template"
        elsewhere = sys.pycache_prefix or sys.dont_write_bytecode
        beside = None if elsewhere else self._templates / "__pycache__"
        for folder in (beside, _folder_of_user()):
            with suppress(OSError):
                if folder is None or not self._templates.is_dir():
                    continue
                if create:
                    folder.mkdir(parents=True, exist_ok=True)
                if compiling.trusted(folder, self._templates / "__init__.py"):
                    yield folder / name


def _version(bucket: Bucket) -> bytes:
    """Returns a hash of all that the bytecode depends on."""
    made = bucket.environment
    options = (made.autoescape, made.trim_blocks, made.lstrip_blocks, made.keep_trailing_newline)
    parts = (jinja2.__version__, importlib.util.MAGIC_NUMBER, options, bucket.checksum)
    return hashlib.sha256(repr(parts).encode()).digest()


def _folder_of_user() -> Path | None:
    """Returns the folder for caches of this user; None if there is no home directory."""
    stated = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME", "")
    if stated and Path(stated).is_absolute():
        return Path(stated) / "cxrcompare"
    try:
        return Path.home() / ".cache" / "cxrcompare"
    except RuntimeError:
        return None
