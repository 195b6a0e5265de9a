"""Groups of patients: metrics in each group, and the gaps between groups."""
