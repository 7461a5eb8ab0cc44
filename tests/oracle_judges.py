"""Judges beyond the paper's in plain NumPy, as `reference` has the paper's."""

OTHERS = {}
"""As `everypart.OTHERS`."""
