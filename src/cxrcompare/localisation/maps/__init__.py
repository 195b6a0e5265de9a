"""Maps to be measured: of networks, baselines and readers."""
