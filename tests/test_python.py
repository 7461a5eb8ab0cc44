"""`import sdposim`: the same bits as the workflow, from any folder and from the wheel."""

import contextlib
import io
import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import sdposim
from sdposim.model import paper
from sdposim.model.metrics import METRICS
from sdposim.workflow.configuration.settings import Setting

ROOT = Path(__file__).parents[1]
SHORT = {"training": {"steps": 6, "rollouts": 5}}
REINFORCE = {"advantage": "batch_mean", "credit": "sequence", "regulariser": "pull"}
ABSENT = ("snakemake", "cma", "rocrate", "scipy", "pytest", "hypothesis", "xdist")


def test_simulated_logs_are_those_of_training():
    found = sdposim.simulate("hybrid", "critique", noise=0.2, seeds=[3, 8], setting=SHORT)
    assert list(found.columns) == ["seed", "step", *METRICS]
    assert found["seed"].tolist() == [3] * 6 + [8] * 6
    assert found["step"].tolist() == [1, 2, 3, 4, 5, 6] * 2
    setting = Setting().model_dump()
    setting["training"] |= SHORT["training"]
    expected = [paper.train(setting, "hybrid", "critique", 0.2, seed) for seed in (3, 8)]
    np.testing.assert_array_equal(found[list(METRICS)].to_numpy(), np.concatenate(expected))


def test_a_composition_of_ones_own_is_what_it_says():
    found = sdposim.simulate(REINFORCE, seeds=2, setting=SHORT)
    pd.testing.assert_frame_equal(found, sdposim.simulate("reinforce", seeds=2, setting=SHORT))


def test_a_grid_is_every_combination_summarised():
    study = sdposim.grid(
        methods={"sdpo": "sdpo", "mine": REINFORCE | {"label": "Mine"}},
        feedbacks=["binary", "critique"],
        noise=[0.0, 0.1],
        seeds=3,
        settings={"short": SHORT, "slow": SHORT | {"policy": {"initial_logit_sd": 0.5}}},
        analysis={"final_window": 2, "smoothing_window": 2},
    )
    assert len(study.cells) == 2 * 2 * 2 * 2 * 3 and len(study.curves) == 16 * 6
    log = sdposim.simulate("sdpo", "critique", noise=0.1, seeds=3, setting=SHORT)
    own = study.cells.query("setting == 'short' and method == 'sdpo' and feedback == 'critique'")
    expected = log[log["step"] > 4].groupby("seed")["reward"].mean()
    np.testing.assert_allclose(own[own["noise"] == 0.1]["reward"], expected, rtol=1e-14)
    table = study.table("final_entropy")
    assert table.columns.tolist() == [
        "setting", "noise", "method", "feedback", "reproduced", "sd", "n",
    ]  # fmt: skip
    assert table["method"].unique().tolist() == ["sdpo", "mine"]
    with pytest.raises(sdposim.UserError, match="shows one setting"):
        study.figure("learning_curves")


def test_a_figure_shows_methods_by_their_labels_and_looks():
    look = {"colour": "#123456", "dashes": "dotted", "marker": "v", "hatch": "....."}
    study = sdposim.grid(
        methods={"mine": REINFORCE | {"label": "Mine", "look": look}},
        seeds=2,
        settings={"short": SHORT},
        analysis={"final_window": 2, "smoothing_window": 2},
    )
    (legend,) = study.figure("learning_curves", width="single").legends
    assert [text.get_text() for text in legend.get_texts()] == ["Mine"]
    (line,) = legend.get_lines()
    assert (line.get_color(), line.get_marker()) == ("#123456", "v")


def test_a_landscape_of_ones_own_says_the_sizes():
    tables = sdposim.landscape(np.eye(2, 3), np.zeros((3, 3)), [0, 1], pattern_weight=0.5)
    assert isinstance(tables, sdposim.Landscape)
    found = sdposim.simulate(landscape=tables, seeds=1, setting=SHORT)
    assert found["entropy"].max() <= np.log(3)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"method": "none"},
            "method: 'none' is not allowed; allowed: sdpo, reinforce, adv_weighted",
        ),
        ({"feedback": "stars"}, "feedback: 'stars' is not allowed; allowed: binary, ordinal"),
        ({"method": {"advantage": "x"}}, "'x' is not a part; allowed: batch_mean"),
        ({"noise": -0.1}, "noise.0: -0.1 is not allowed; allowed: a number of at least 0"),
        ({"seeds": 0}, "seeds: 0 is not allowed; allowed: a number of at least 1"),
        ({"setting": {"trainig": {}}}, "settings.paper.trainig is unknown; allowed here: landsc"),
        ({"setting": {"training": {"steps": 0}}}, "settings.paper.training.steps: 0 is not"),
    ],
)
def test_a_mistake_is_a_sentence(arguments, sentence):
    with pytest.raises(sdposim.UserError) as raised:
        sdposim.simulate(**arguments)
    assert sentence in str(raised.value)


def test_other_mistakes_of_a_grid():
    with pytest.raises(sdposim.UserError, match="methods: 'sdpo' is not allowed; allowed: a list"):
        sdposim.grid(methods="sdpo")
    with pytest.raises(sdposim.UserError, match=r"methods: .* holds a name twice; allowed: each"):
        sdposim.grid(methods=[REINFORCE, REINFORCE | {"regulariser": None}])
    study = sdposim.grid(
        seeds=1, settings={"short": SHORT}, analysis={"final_window": 2, "smoothing_window": 2}
    )
    with pytest.raises(sdposim.UserError, match="kind: 'pie' is not allowed; allowed: learning_"):
        study.figure("pie")
    with pytest.raises(AttributeError, match="no attribute 'simulat'"):
        sdposim.simulat  # noqa: B018
    assert set(sdposim.__all__) <= set(dir(sdposim))


def test_importing_the_package_imports_nothing_else():
    code = "import sdposim, sys; print([m for m in ('numpy', 'pandas') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """What `pip install` of this checkout installs, in a folder."""
    folder = tmp_path_factory.mktemp("wheel")
    # A copy, because setuptools builds in the folder of the sources.
    for name in ("pyproject.toml", "src"):
        subprocess.run(["cp", "-r", ROOT / name, folder], check=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*command, "--wheel-dir", folder, folder], check=True)
    (built,) = folder.glob("*.whl")
    zipfile.ZipFile(built).extractall(folder / "installed")
    return folder / "installed"


def test_the_pages_programs_run_from_the_wheel_in_any_folder(wheel, tmp_path):
    """Without what it does not declare that it needs."""
    page = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    program = "\n".join(re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    program = re.sub(r"seeds=20\b", "seeds=2", program)
    blocked = f"import sys\nsys.modules.update(dict.fromkeys({ABSENT!r}))\n"
    shown = "\nprint(len(log), sdposim.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", blocked + program + shown],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(f"900 {wheel / 'sdposim' / '__init__.py'}\n")
    drawn = {"curves.png", "entropy.png", "policy.png", "reward.png"}
    assert {path.name for path in tmp_path.iterdir()} == drawn


def test_the_page_shows_what_its_programs_print(tmp_path, monkeypatch):
    page = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", page, re.DOTALL)
    assert len(blocks) == page.count("```") / 2 - page.count("```text")
    monkeypatch.chdir(tmp_path)
    names = {}
    for program, shown in blocks:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(program, "docs/python.md", "exec"), names)
        assert printed.getvalue() == shown, program
    names["plt"].close("all")


def test_the_wheel_declares_what_it_needs(wheel):
    (metadata,) = wheel.glob("*.dist-info")
    declared = PathDistribution(metadata).requires or []
    needed = {name for name in declared if "extra" not in name}
    assert needed == {
        "llvmlite", "matplotlib", "numba", "numpy", "pandas", "pyarrow", "pydantic", "pyyaml",
        "seaborn",
    }  # fmt: skip
    assert (wheel / "sdposim" / "py.typed").exists()
