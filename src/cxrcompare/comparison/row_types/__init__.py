"""The row types of all tables of a comparison; CSV files, JSON and its schema follow from them."""
