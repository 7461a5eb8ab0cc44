"""Load Matplotlib as it is installed, whatever its user has set up for other work."""

import os
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory


def load_matplotlib() -> None:
    """Import Matplotlib without the settings of the working directory, the home or the environment.

    It reads `matplotlibrc` and styles when it is imported, and a broken one ends the import. So
    this comes before the modules that draw are imported.
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
