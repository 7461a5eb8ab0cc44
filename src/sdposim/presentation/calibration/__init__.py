"""What a reader sees of the calibration: figures, tables and a report, from its frames alone.

The frames, all made by `sdposim.calibration`:

draws          one row per draw around the modes: the settings, the likeliest readings, `distance`
               (squared), `weight` (posterior, sum 1)
posterior      what they say about each setting (a dict): `parameters`, `readings`, `landscapes`,
               `preset`, and how it was computed
accepted       the admissible draws, or the nearest if there are none: `rank`, the settings,
               `distance`, `admissible`, `weight`
predictions    tidy, per accepted draw and published number: `rank, source, statistic, method,
               feedback, noise, mean` (over runs), `run` (a single one), `published`
preset_table   the 36 numbers of tables 1 to 3 under the preset, with tolerances
check          synthetic papers: `paper, parameter, truth, low, high, u_truth, u_low, u_high,
               inside, ess`
check_readings `paper, reading, truth, probability` (posterior, of the truth)

REINFORCE's credit correlation is compared in magnitude everywhere, as its published sign cannot
follow from equation 4.
"""
