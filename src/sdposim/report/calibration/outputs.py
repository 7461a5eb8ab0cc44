"""The files of the calibration's reports, by target; imports nothing, as the workflow reads it."""

ENDINGS = ("png", "pdf", "svg", "csv")
REPORTS = {
    "identification": (
        "identification.md",
        "identification.csv",
        "identification_refined.csv",
    ),
    "joint_fit": (
        "joint_fit.md",
        "joint_fit_numbers.csv",
        "joint_fit_readings.csv",
        "joint_fit_settings.csv",
        "joint_fit_left_out.csv",
        "joint_fit_preset.json",
    ),
    "joint_fit_check": ("joint_fit_check.md", "joint_fit_check.csv"),
}
"""Target -> what stands below reports/."""
FIGURES = {
    "identification": ("identification_search", "identification_lists"),
    "joint_fit": ("joint_fit_numbers", "joint_fit_readings", "joint_fit_settings"),
    "joint_fit_check": ("joint_fit_check",),
}
"""Target -> names of figures."""


def figure_files(target: str) -> list[str]:
    """What stands below reports/figures/."""
    return [f"{name}.{ending}" for name in FIGURES[target] for ending in ENDINGS]
