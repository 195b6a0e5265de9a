"""Output formats: the HTML page, Markdown, LaTeX and figure files."""
