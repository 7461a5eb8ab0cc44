"""Which unreported settings do the published numbers allow? Simulation-based inference."""
