"""Finds problems of prediction files of other programs, and of the images that a run is fed."""

from cxrcompare.doctor.examination import Examination, examine, examined, is_run_and_store
from cxrcompare.doctor.problem import Problem
from cxrcompare.doctor.repairs import REPAIRS, repair
from cxrcompare.doctor.text_report import page

__all__ = [
    "REPAIRS",
    "Examination",
    "Problem",
    "examine",
    "examined",
    "is_run_and_store",
    "page",
    "repair",
]
