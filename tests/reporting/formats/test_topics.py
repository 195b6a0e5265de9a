"""The order of topics, and none without content."""

from cxrcompare.reporting.formats.topics import topics
from cxrcompare.reporting.sections.section import Section


def test_topics_without_content_are_left_out_and_sections_have_their_place() -> None:
    one = Section("panel", "The panel", (), (), "", question="Is it so?")
    found = topics({"readers": [], "subgroups": {"Sex": {}}, "cost": []}, [one])
    assert "readers" not in found
    assert "cost" not in found
    keys = list(found)
    assert keys[keys.index("subgroups") + 1] == "panel"
    assert found["panel"].question == "Is it so?"
    assert keys[0] == "table"


def test_an_early_section_comes_after_the_differences() -> None:
    one = Section("site", "At the site", (), (), "", early=True)
    keys = list(topics({"subgroups": {"Sex": {}}}, [one]))
    assert keys[keys.index("differences") + 1] == "site"
    assert keys.count("site") == 1
