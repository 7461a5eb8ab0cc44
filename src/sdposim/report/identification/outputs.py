"""The files of an identification's report; imports nothing, as the workflow reads it."""

ENDINGS = ("png", "pdf", "svg", "csv")
FIGURES = ("identification_search", "identification_lists")
FIGURE_FILES = tuple(f"{name}.{ending}" for name in FIGURES for ending in ENDINGS)
REPORT_FILES = ("identification.md", "identification.csv", "identification_refined.csv")
