"""The audit: claims as data, effects with intervals, and verdicts by rules."""
