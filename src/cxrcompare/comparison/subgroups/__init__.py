"""Groups of patients: models within each, gaps between groups, and differences of gaps."""
