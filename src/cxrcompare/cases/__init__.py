"""Cases to look at: studies selected by rule, and the file of their images, maps and scores."""

CASES = "cases.json"
"""The file of the cases in the folder of a comparison."""
