"""The result of a comparison: types, JSON, CSV files and summary table."""
