"""Metrics and tests of arrays in the order of arguments of scikit-learn, with intervals."""
