# The configuration, checked before anything else happens, and what all rules share.
import os
import sys
from pathlib import Path

# The package of this checkout comes before an installed one, here and in the jobs; so do the
# programs of the environment that runs Snakemake. Nothing in the working directory does: `python -m`
# would import a folder `sdposim` or a file `platform.py` there, and compute with it.
ROOT = Path(str(workflow.current_basedir)).parents[1]
if not ROOT.is_dir():
    # Of `github(...)` and the like, Snakemake gets the rules only.
    sys.exit(
        f"error: {ROOT} is no folder: the rules need src/ and config/ beside them, so clone sdposim and"
        " name path/to/sdposim/workflow/Snakefile"
    )
SOURCE = str(ROOT / "src")
# In another workflow, whose files `config/config.yaml` and the like are its own.
IS_MODULE = Path(workflow.basedir) not in (ROOT, ROOT / "workflow")
sys.path.insert(0, SOURCE)
os.environ.update(PYTHONSAFEPATH="1")
# Compiled kernels are kept beside the results, where the nodes of a cluster find them too.
os.environ.setdefault("SDPOSIM_CACHE", str(Path(".cache/numba").absolute()))
for _name, _first in {
    "PYTHONPATH": SOURCE,
    "PATH": str(Path(sys.executable).parent),
}.items():
    os.environ[_name] = os.pathsep.join(filter(None, [_first, os.environ.get(_name)]))

from sdposim.analysis import published
from sdposim.report import demands
from sdposim.workflow import study as plan
from sdposim.workflow.places import run_folder
from sdposim.workflow.configuration.load import DEFAULT, merge, read_yaml
from sdposim.workflow.configuration.validate import validate
from sdposim.storage.errors import UserError
from sdposim.storage.files import name_run
from sdposim.model import kernel, paper
from sdposim.storage.sources import digest

# A folder without a configuration, such as one named by `--directory`, has this checkout's.
CONFIGFILE = DEFAULT if DEFAULT.exists() and not IS_MODULE else ROOT / DEFAULT
try:
    # Snakemake reads them too, but answers some mistakes by a traceback, and keeps the last of two
    # equal keys without a word.
    for _file in [CONFIGFILE] if IS_MODULE else [*workflow.configfiles, CONFIGFILE]:
        read_yaml(_file)
except UserError as error:
    # A sentence instead of a traceback through Snakemake.
    sys.exit(f"error: {error}")


if not IS_MODULE:

    configfile: str(CONFIGFILE)


try:
    CONFIG = validate(merge(read_yaml(CONFIGFILE), config) if IS_MODULE else config)
    if CONFIG.name and (IS_MODULE or workflow.overwrite_workdir):
        raise UserError(
            f"configuration key name: {CONFIG.name!r} is not allowed in another workflow or with"
            " --directory, which say where the files go; allowed: null"
        )
    PUBLISHED = published.read_values()
    demands.check_config(CONFIG, PUBLISHED)
    if workflow.is_main_process:
        name_run()
except UserError as error:
    sys.exit(f"error: {error}")


if CONFIG.name:

    workdir: str(run_folder(CONFIG.name))


wildcard_constraints:
    setting="[a-z0-9_-]+",
    method="[a-z0-9_-]+",
    feedback="[a-z0-9_-]+",
    noise=r"[0-9.e-]+",
    seeds="[0-9]+-[0-9]+",
    study="[a-z0-9_-]+",
    table="[a-z0-9_-]+",
