"""From logs to numbers: summaries per cell and learning curves per condition."""
