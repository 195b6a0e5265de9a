"""Statistical inference: metrics in replicates, paired differences, families of tests, ranks."""
