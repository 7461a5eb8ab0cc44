"""Files: atomic, sealed, and where they come from."""
