"""The part of the report that shows cases: radiographs with maps and scores."""
