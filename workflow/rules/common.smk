# The configuration, checked before anything else happens, and what all rules share.
import errno
import fcntl
import os
import sys
from pathlib import Path

# The package of this checkout comes before an installed one, here and in the jobs; so do the
# programs of the environment that runs Snakemake.
SOURCE = str(Path(workflow.basedir) / "src")
sys.path.insert(0, SOURCE)
for _name, _first in {
    "PYTHONPATH": SOURCE,
    "PATH": str(Path(sys.executable).parent),
}.items():
    os.environ[_name] = os.pathsep.join([_first, os.environ.get(_name, "")]).rstrip(os.pathsep)

from sdposim import published as published_values
from sdposim import study as plan
from sdposim.configuration.load import DEFAULT, read_yaml
from sdposim.configuration.shown import check_shown
from sdposim.configuration.validate import validate
from sdposim.errors import UserError
from sdposim.files import name_run
from sdposim.simulation import fingerprint
from sdposim.sources import digest


def only_run_here():
    """Refuse a second run in this folder, and one that cannot write its results.

    Snakemake's own lock stays behind when it is killed; this one is released by the system.
    """
    if not workflow.is_main_process or workflow.dryrun:
        return None
    for folder in ("results", "reports"):
        if Path(folder).exists() and not os.access(folder, os.W_OK | os.X_OK):
            raise UserError(f"cannot write to the folder {Path(folder).absolute()}")
    try:
        Path(".snakemake").mkdir(exist_ok=True)
        lock = open(Path(".snakemake") / "sdposim.lock", "w")
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(
            "another run is active in this folder: wait for it to end, or stop it"
        ) from None
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK):
            # Some file systems of clusters have no locks.
            print(
                f"warning: the file system of {Path.cwd()} has no locks ({error.strerror}): start"
                " no second run in this folder while this one is active",
                file=sys.stderr,
            )
            return None
        raise UserError(
            f"cannot lock {Path.cwd()}: {error.strerror}; .snakemake must be writable"
        ) from None
    return lock


try:
    # Snakemake reads them too, but answers some mistakes by a traceback, and keeps the last of two
    # equal keys without a word.
    for _file in workflow.configfiles + [DEFAULT] * DEFAULT.exists():
        read_yaml(_file)
except UserError as error:
    # A sentence instead of a traceback through Snakemake.
    sys.exit(f"error: {error}")


configfile: str(DEFAULT)


try:
    CONFIG = validate(config)
    PUBLISHED = published_values.read_published()
    check_shown(CONFIG, PUBLISHED)
    LOCK = only_run_here()
    if workflow.is_main_process:
        name_run()
except UserError as error:
    sys.exit(f"error: {error}")


wildcard_constraints:
    setting="[a-z0-9_-]+",
    method="[a-z0-9_]+",
    feedback="[a-z0-9_]+",
    noise=r"[0-9.e-]+",
    seeds="[0-9]+-[0-9]+",
    study="[a-z0-9_-]+",
    table="[a-z0-9_-]+",
