"""Write everything that a reader sees of a joint fit; `outputs` names the files."""

import json
import os
from pathlib import Path

from sdposim.calibration.jointfit.reading import FITTED
from sdposim.calibration.jointfit.simulate import PARAMETERS
from sdposim.calibration.readings import changed
from sdposim.report.files import csv, write_texts
from sdposim.report.jointfit import intervals, numbers, readings, report
from sdposim.report.jointfit.found import Found
from sdposim.report.style import write_figure

__all__ = ["Found", "write"]


def write(found: Found, figures: Path, reports: Path) -> list[Path]:
    """Write `outputs.FIGURE_FILES` to one folder and `outputs.REPORT_FILES` to another.

    Returns:
      The files.

    Raises:
      UserError: if a file cannot be written.
    """
    folder = Path(os.path.relpath(figures, reports)).as_posix()
    texts = {
        f"joint_fit_{name}.csv": csv(getattr(found, name), 4)
        for name in ("numbers", "readings", "settings", "left_out")
    }
    texts |= {"joint_fit_preset.json": _preset(found), "joint_fit.md": report.report(found, folder)}
    return [
        *write_figure(*_rounded(numbers.draw(found)), figures / "joint_fit_numbers"),
        *write_figure(*_rounded(readings.draw(found)), figures / "joint_fit_readings"),
        *write_figure(*_rounded(intervals.draw(found)), figures / "joint_fit_settings"),
        *write_texts(reports, texts),
    ]


def _preset(found: Found) -> str:
    """What the preset in config/config.yaml is: keys of a setting."""
    preset = FITTED.changes
    values = found.candidates.values[found.candidates.chosen]
    for parameter, value in zip(PARAMETERS, values.tolist(), strict=True):
        preset = changed(preset, parameter.keys(value))
    return json.dumps(preset, indent=1, sort_keys=True) + "\n"


def _rounded(drawn):
    fig, data = drawn
    return fig, data.round(4)
