"""What a reader sees of a joint fit: a report, figures and their data."""
