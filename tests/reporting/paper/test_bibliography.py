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
    "book": {"author", "title", "year", "publisher"},
    "incollection": {"author", "title", "year", "booktitle", "publisher", "pages"},
}
NO_DOI = {
    "conover1999",
    "pepe2003",
    "holm1979",
    "cochran1977",
    "platt1999",
    "menon2015",
    "adebayo2018",
    "widmann2019",
}
NO_DOI |= {"hall1992"}
"""References that are cited without a DOI."""


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
    surname = re.sub(r"\\\W|\W", "", found["author"].split(",")[0]).lower()
    assert surname == key[:-4]
    assert re.fullmatch(r"10\.\d{4,5}/\S+", found["doi"]) if "doi" in found else key in NO_DOI
    assert re.fullmatch(r"[1-9e]\w*(--[1-9]\d*)?", found.get("pages", "1"))
    first, _, last = found.get("pages", "1").partition("--")
    assert not last or int(first) < int(last)
    for author in found["author"].split(" and "):
        assert author == "others" or re.fullmatch(r"[^,]+, [^,]+", author), author


def test_each_reference_is_written_once_in_order():
    text = bibtex(["wilson1927", "holm1979", "wilson1927", SOFTWARE], "1.2.3")
    assert re.findall(r"^@\w+\{(\w+)", text, re.MULTILINE) == [SOFTWARE, "holm1979", "wilson1927"]
    assert "version 1.2.3" in text
    assert "version" not in bibtex([SOFTWARE], None)


def test_each_doi_is_of_one_reference():
    dois = [fields(entry)["doi"].lower() for entry in references().values() if "\n  doi" in entry]
    assert len(set(dois)) == len(dois)


def test_dois_are_those_that_the_code_states():
    """A reference of the paper is the source that a docstring of the package names."""
    package = Path(bibliography.__file__).parents[2]
    folders = ("api", "evaluation", "comparison", "localisation")
    stated = "".join(
        path.read_text(encoding="utf-8")
        for name in folders
        for path in (package / name).rglob("*.py")
    )
    stated = re.sub(r"\s+", "", stated).lower()
    elsewhere = {"irvin2019", "wang2017", "he2016", "huang2017", "howard2017"}  # data, networks
    elsewhere |= {"almohamad2022", "efron1982"}  # stated without DOI
    missing = [
        key
        for key, entry in references().items()
        if key not in elsewhere | NO_DOI
        and fields(entry)["doi"].removeprefix("10.48550/arXiv.").lower() not in stated
    ]
    assert missing == []


def test_every_reference_is_used():
    folder = Path(bibliography.__file__).parent
    sources = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    assert [key for key in references() if f'"{key}"' not in sources] == []
