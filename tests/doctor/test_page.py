"""The page of text about one file."""

from cxrcompare import doctor


def test_control_characters_of_a_header_do_not_reach_the_terminal(cohort):
    path = cohort.write()
    path.write_text(path.read_text().replace("Pneumothorax", "Pneu\x1b[2Jmothorax"))
    reference = cohort.reference()
    text = doctor.page(path, reference, doctor.examine(path, reference))
    assert "unknown_findings" in text
    assert "\x1b" not in text
