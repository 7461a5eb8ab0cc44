"""Snakemake in processes that are forked from one that has loaded it.

Loading Snakemake and its plugins takes two thirds of a small dry run, of which the tests make some
two hundred.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from queue import Empty, LifoQueue

SERVER = """
import json, os, sys
from snakemake.cli import get_argument_parser, main

get_argument_parser()  # loads the plugins
for line in sys.stdin:
    asked = json.loads(line)
    process = os.fork()
    if process == 0:
        output = os.open(asked["output"], os.O_WRONLY)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        main(asked["arguments"])  # ends the process
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
"""
_idle: LifoQueue = LifoQueue()


def snakemake(
    arguments: list[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess:
    """Run Snakemake as a process of its own would; both outputs are in `stdout`.

    Args:
        arguments: of Snakemake.
        folder: the working directory.
        environment: all environment variables; those that Python reads at its start have no effect.
    """
    server = _server()
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as output:
        asked = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": environment,
            "output": output.name,
        }
        print(json.dumps(asked), file=server.stdin, flush=True)
        status = int(server.stdout.readline())
        _idle.put(server)
        return subprocess.CompletedProcess(arguments, status, output.read(), "")


def _server() -> subprocess.Popen:
    """One that is idle, or a new one; it ends with this process, which closes its input."""
    try:
        return _idle.get_nowait()
    except Empty:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return subprocess.Popen([sys.executable, "-P", "-c", SERVER], text=True, **pipes)
