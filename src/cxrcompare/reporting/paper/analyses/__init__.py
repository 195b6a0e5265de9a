"""What the methods section says of further analyses: a sentence for each table that has rows."""
