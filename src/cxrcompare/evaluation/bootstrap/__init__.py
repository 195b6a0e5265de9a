"""The bootstrap: resamples of patients and seeds, replicates of metrics, intervals."""
