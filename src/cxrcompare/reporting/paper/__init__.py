"""The paper kit: a methods section, its references, checklists and tables, from a comparison."""
