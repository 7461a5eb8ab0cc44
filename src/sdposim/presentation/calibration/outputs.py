"""The files that a calibration's report consists of; imports nothing, as the workflow reads it."""

ENDINGS = ("png", "pdf", "svg", "csv")
FIGURES = tuple(f"calibration_{name}" for name in ("marginals", "pairs", "fit", "held_out"))
CHECK_FIGURES = ("calibration_check",)

FIGURE_FILES = tuple(f"{name}.{ending}" for name in FIGURES for ending in ENDINGS)
"""Written to the folder of figures by `writing.write`."""
REPORT_FILES = (
    "calibration.md",
    "calibration.csv",
    "calibration_preset.csv",
    "calibration_held_out.csv",
)
"""Written to the folder of reports by `writing.write`."""
CHECK_FIGURE_FILES = tuple(f"{name}.{ending}" for name in CHECK_FIGURES for ending in ENDINGS)
"""Written to the folder of figures by `writing.write_check`."""
CHECK_REPORT_FILES = ("calibration_check.md", "calibration_check.csv")
"""Written to the folder of reports by `writing.write_check`."""
