"""Label states of the reference, and names of findings."""

import numpy as np

from cxrcompare import doctor
from cxrcompare.doctor.labels import prevalence


def test_uncertain_labels_of_the_reference(cohort):
    labels = cohort.labels.copy()
    labels[:7, 0], labels[:2, 3] = -1, -1
    (problem,) = doctor.examine(cohort.write(), cohort.reference(labels=labels))
    assert problem.code == "label_states"
    assert problem.evidence == ("9 cells of 3600: Atelectasis 7, Edema 2.",)


def test_names_of_findings(cohort):
    path = cohort.write()
    path.write_text(path.read_text().replace("Pneumothorax", "Pneumotorax"))
    problems = doctor.examine(path, cohort.reference())
    assert [problem.code for problem in problems] == ["unknown_findings", "findings_differ"]
    assert "close to 'Pneumothorax'" in problems[0].evidence[0]
    assert [problem.note for problem in problems] == [False, True]


def test_files_without_a_common_finding(codes, cohort):
    path = cohort.write()
    renamed = ("Hernia", "Mass", "Nodule", "Fibrosis", "Emphysema", "Infiltration")
    rows = path.read_text().split("\n")
    path.write_text("\n".join([",".join(["image_id", *renamed]), *rows[1:]]))
    assert codes(path, cohort.reference()) == ["no_findings"]


def test_the_prevalence_is_the_share_of_known_labels():
    labels = np.array([[1, 0, np.nan], [0, np.nan, np.nan], [0, 1, np.nan], [1, 1, np.nan]])
    # 2 of 4, 2 of 3, and no label
    np.testing.assert_allclose(prevalence(labels), [0.5, 2 / 3, np.nan])
