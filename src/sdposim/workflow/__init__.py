"""From a configuration to cells, jobs and files."""
