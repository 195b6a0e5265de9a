"""AUROC: influence functions, paired tests and intervals."""
