"""The paper's open settings from all of its numbers: fit, readings, predictions, round values."""
