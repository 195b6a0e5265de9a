"""One optimisation step: learning rates, precision, and a compiled step per framework."""
