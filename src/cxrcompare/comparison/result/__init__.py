"""The result of a comparison: its content, JSON and schema, CSV files and summary table."""
