"""Model cards: a run and its comparison in the format of the Hugging Face Hub."""
