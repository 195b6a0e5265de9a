"""The result of a comparison: its types, JSON, CSV files and short table."""
