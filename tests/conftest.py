"""Settings of all tests."""

import gc

# A collection visits all objects of the imported packages: with the default it takes 7 % of the
# time of the tests of reports.
gc.set_threshold(50_000, 20, 20)
