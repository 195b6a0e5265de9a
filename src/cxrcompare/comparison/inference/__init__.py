"""Statistical inference: estimates, paired differences, multiplicity, ranks, subgroups."""
