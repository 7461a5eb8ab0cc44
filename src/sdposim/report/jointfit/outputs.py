"""The files of a joint fit's report; imports nothing, as the workflow reads it."""

ENDINGS = ("png", "pdf", "svg", "csv")
FIGURES = ("joint_fit_numbers", "joint_fit_readings", "joint_fit_settings")
CHECK_FIGURES = ("joint_fit_check",)
FIGURE_FILES = tuple(f"{name}.{ending}" for name in FIGURES for ending in ENDINGS)
REPORT_FILES = (
    "joint_fit.md",
    "joint_fit_numbers.csv",
    "joint_fit_readings.csv",
    "joint_fit_settings.csv",
    "joint_fit_left_out.csv",
    "joint_fit_preset.json",
)
CHECK_FIGURE_FILES = tuple(f"{name}.{ending}" for name in CHECK_FIGURES for ending in ENDINGS)
CHECK_REPORT_FILES = ("joint_fit_check.md", "joint_fit_check.csv")
