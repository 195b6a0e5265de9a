"""Sentences of the report, each derived from a test or an interval."""
