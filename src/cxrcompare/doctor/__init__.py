"""Finds problems of prediction files of other programs, and writes corrected files."""

from cxrcompare.doctor.examination import Examination, examine, examined
from cxrcompare.doctor.problem import Problem
from cxrcompare.doctor.repairs import REPAIRS, repair
from cxrcompare.doctor.text_report import page

__all__ = ["REPAIRS", "Examination", "Problem", "examine", "examined", "page", "repair"]
