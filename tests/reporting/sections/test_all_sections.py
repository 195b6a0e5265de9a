"""Sections in the page, in Markdown and in the terminal."""

import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.reporting import write_report
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import all_sections


@pytest.fixture
def written(make_scored, tmp_path):
    found = compare(*make_scored(), options=Options(replicates=100))
    write_report(found, tmp_path)
    return found, tmp_path


@pytest.fixture
def make_scored():
    import numpy as np
    import pandas as pd

    def make():
        rng = np.random.default_rng(5)
        signal = rng.normal(size=200)
        ids = [f"s{n}" for n in range(200)]
        label = (signal + rng.normal(size=200) > 0.5).astype(int)
        models = {
            name: pd.DataFrame(
                {"study_id": ids, "Edema": 1 / (1 + np.exp(-signal - noise * rng.normal(size=200)))}
            )
            for name, noise in (("a", 0.5), ("b", 1.0))
        }
        return models, pd.DataFrame({"study_id": ids, "Edema": label})

    return make


def test_a_section_is_on_the_page_and_in_markdown(written):
    found, folder = written
    sections = all_sections.sections(Results(found))
    assert [one.key for one in sections] == [
        "decisions",
        "operating",
        "calibration",
        "disagreement",
    ]
    page = (folder / "report.html").read_text(encoding="utf-8")
    words = (folder / "report.md").read_text(encoding="utf-8")
    for section in sections:
        assert f'<section id="{section.key}"' in page
        assert f'<a href="#{section.key}">' in page
        assert f"## {section.title}" in words
        assert section.sentences[0] in page
        for table in section.tables:
            assert table.caption in page


def test_the_terminal_has_the_first_sentence_of_each_section(written):
    found, _ = written
    first, _, third, last = all_sections.lines(Results(found))
    assert first.startswith("use at a site: Net benefit is significantly higher")
    assert third.startswith("calibration: Probabilities are significantly miscalibrated in ")
    assert last.startswith("where networks disagree: Of 200 calls")


def test_a_comparison_without_further_tables_has_no_section(comparison):
    assert all_sections.sections(Results(comparison)) == []
