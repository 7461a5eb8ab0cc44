"""The benchmarks' programs run, on few and short cells; what they measure, no test looks at."""

import os
import shutil
import subprocess
import sys

import pytest

from ministudy import ROOT

# Each in a process of its own, for they pin themselves to a processor.
PROGRAMS = {
    "run": """
import tempfile, pathlib, page, run
run.CELLS, run.METHODS, run.FEEDBACKS = 2, ["sdpo", "hybrid"], ["continuous", "critique"]
with tempfile.TemporaryDirectory() as folder:
    for noise in (0.2, 0.0):
        times = run.measure(noise, 1, run.native.build(pathlib.Path(folder)))
    assert len(page.table(times).splitlines()) == 2 + 4 and "SDPO" in page.goals(times)
assert "Numba" in run.machine(1)
""",
    "systems": """
import systems
systems.studied, systems.ROUNDS = lambda config: ["sdpo", "reinforce"], 1
written = []
systems.page.write = lambda *parts: written.append(parts)
systems.main()
((table, _),) = written
named = sorted(line.split()[1] for line in table.splitlines()[2:])
assert named == ["`reinforce`", "`sdpo`"]
""",
    "scaling": """
import pathlib, scaling
scaling.REPEATS, scaling.BUDGET = 1, 1e3
scaling.SIZES = {"V": [2, 4], "T": [1, 2], "n": [8, 9], "steps": [4, 5]}
scaling.BASES = {name: {"V": 8, "T": 2, "n": 4} for name in scaling.BASES}
rows = scaling.measure()
assert scaling.summary(rows).count("reinforce") == 6
scaling.plot(rows, pathlib.Path("scaling.png"))
""",
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_benchmark_runs(name, tmp_path):
    if name == "run" and shutil.which("gcc") is None:
        pytest.skip("needs gcc")
    paths = os.pathsep.join(str(ROOT / folder) for folder in ("benchmarks", "src", "tests"))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAMS[name]],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
