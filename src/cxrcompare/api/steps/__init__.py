"""What the other commands do, as functions: data, training, examinations, sharing."""
