"""A comparison in Python: its tables, decisions, figures and files."""
