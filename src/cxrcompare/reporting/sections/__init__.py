"""Sections of the report on one topic each: sentences and tables for page and Markdown."""
