"""Embedded content: files of the package, and bytes as text."""

import base64

import pytest

from cxrcompare.filesystem.embedding import base64_text, packaged_text


def test_a_file_of_a_package_is_read_once():
    text = packaged_text("cxrcompare.reporting", "template/report.html")
    assert text.lstrip().startswith("<!")
    assert packaged_text("cxrcompare.reporting", "template/report.html") is text
    with pytest.raises(FileNotFoundError):
        packaged_text("cxrcompare.reporting", "template/none.html")


def test_bytes_come_back():
    content = bytes(range(256))
    assert base64.b64decode(base64_text(content)) == content
