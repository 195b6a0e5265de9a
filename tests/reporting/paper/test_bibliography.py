"""The BibTeX file: every entry has what a style needs, and balanced braces."""

import re
from pathlib import Path

import pytest

from cxrcompare.reporting.paper import bibliography
from cxrcompare.reporting.paper.bibliography import SOFTWARE, bibtex, references

NEEDED = {
    "article": {"author", "title", "year", "journal", "volume"},
    "inproceedings": {"author", "title", "year", "booktitle"},
    "misc": {"author", "title", "howpublished"},
}


def fields(entry):
    return dict(re.findall(r"^  (\w+) = \{(.*)\},$", entry, re.MULTILINE))


@pytest.mark.parametrize("key", references())
def test_an_entry_is_complete(key):
    entry = references()[key]
    kind = re.match(r"@(\w+)\{", entry)[1]
    found = fields(entry)
    assert NEEDED[kind] <= set(found)
    assert entry.count("{") == entry.count("}")
    assert found["year"] == key[-4:]
    surname = re.sub(r"\W", "", found["author"].split(",")[0]).lower()
    assert surname == key[:-4]
    assert found.get("doi", "10.").startswith("10.")


def test_each_reference_is_written_once_in_order():
    text = bibtex(["wilson1927", "holm1979", "wilson1927", SOFTWARE], "1.2.3")
    assert re.findall(r"^@\w+\{(\w+)", text, re.MULTILINE) == [SOFTWARE, "holm1979", "wilson1927"]
    assert "version 1.2.3" in text
    assert "version" not in bibtex([SOFTWARE], None)


def test_every_reference_is_used():
    folder = Path(bibliography.__file__).parent
    sources = "".join(
        (folder / f"{name}.py").read_text(encoding="utf-8")
        for name in ("data_sentences", "statistics_sentences")
    )
    assert [key for key in references() if f'"{key}"' not in sources] == []
