"""A comparison as a page, as Markdown, as LaTeX tables and as figures."""
