"""Tests whether a run does better on altered images: then its images were fed the wrong way."""

from cxrcompare.doctor.network_input.input_check import SPLITS, examine_input

__all__ = ["SPLITS", "examine_input"]
