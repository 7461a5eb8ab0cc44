"""What a reader sees: tables, the comparison with the paper, and figures, all from summaries."""
