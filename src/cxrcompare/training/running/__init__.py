"""One run from start to end: network, phases, checkpoints, records, final predictions."""
