"""Load Matplotlib as it is installed, whatever its user has set up for other work, and seaborn."""

import os
import sys
from contextlib import chdir
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory


def load_matplotlib() -> None:
    """Import Matplotlib without the settings of the working directory, the home or the environment.

    It reads `matplotlibrc` and styles when it is imported, and a broken one ends the import. So
    this comes before the modules that draw are imported. Imports seaborn, too.
    """
    os.environ["MPLBACKEND"] = "agg"
    os.environ["MATPLOTLIBRC"] = os.devnull
    # A matplotlibrc of the working directory would come first.
    with chdir(Path(__file__).parent):
        import matplotlib
    # Before the folder of settings is another one: what is known of the fonts stays where it is.
    matplotlib.get_cachedir()
    chosen = os.environ.get("MPLCONFIGDIR")
    with TemporaryDirectory() as empty:
        os.environ["MPLCONFIGDIR"] = empty
        matplotlib.get_configdir()
        import matplotlib.style
    del os.environ["MPLCONFIGDIR"]
    if chosen is not None:
        os.environ["MPLCONFIGDIR"] = chosen
    _load_seaborn()


def _load_seaborn() -> None:
    """Import seaborn as where there is no SciPy, which it does without.

    To load SciPy takes as long as all else that a figure needs, and none here is one that seaborn
    has from it: a kernel density or a clustered map.
    """
    loaded = sys.modules.get("scipy")
    sys.modules["scipy"] = None  # so that an import of it fails
    try:
        import_module("seaborn")
    finally:
        del sys.modules["scipy"]
        if loaded is not None:
            sys.modules["scipy"] = loaded
