"""What a reader sees of an identification and of a joint fit: reports, figures and their data."""
