"""What a reader sees of an identification: a report, two figures and their data."""
