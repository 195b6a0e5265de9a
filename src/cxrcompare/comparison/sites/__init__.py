"""Several test sets: results per site, and differences pooled with site as a random factor."""
