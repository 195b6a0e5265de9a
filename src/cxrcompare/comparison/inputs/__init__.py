"""From files to aligned arrays, with baselines, thresholds and data-quality checks."""
