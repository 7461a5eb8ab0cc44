"""Snakemake in processes that are forked from one that has loaded it.

Loading Snakemake and its plugins takes two thirds of a small dry run and half of a small run, of
which the tests make some hundreds.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from queue import Empty, LifoQueue

SERVER = """
import atexit, gc, json, os, sys, threading, traceback
import markdown_it, pyarrow.parquet, pydantic, smart_open
from snakemake.cli import get_argument_parser, main

get_argument_parser()  # loads the plugins
gc.set_threshold(200_000, 20, 100)
gc.freeze()  # or each process would copy all of it, to count its references
for line in sys.stdin:
    asked = json.loads(line)
    process = os.fork()
    if process == 0:
        for number in (1, 2):
            os.dup2(os.open(asked["outputs"][number - 1], os.O_WRONLY), number)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        sys.argv[1:] = asked["arguments"]  # which the profile reads
        status = 1
        try:
            main(asked["arguments"])
        except SystemExit as end:
            status = end.code
            if not isinstance(status, int):  # a message, as of an interpreter that ends
                print(status or "", end="\\n" if status else "", file=sys.stderr)
                status = int(status is not None)
        except BaseException:
            traceback.print_exc()
        finally:
            threading._shutdown()  # what Python does at its end, but for freeing its memory
            atexit._run_exitfuncs()
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
"""
_idle: LifoQueue = LifoQueue()


def snakemake(
    arguments: list[str], folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess:
    """Run Snakemake as a process of its own would.

    Args:
        arguments: of Snakemake.
        folder: the working directory.
        environment: all environment variables; those that Python reads at its start have no effect.
    """
    server = _server()
    with _text_file() as output, _text_file() as errors:
        asked = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": environment,
            "outputs": [output.name, errors.name],
        }
        print(json.dumps(asked), file=server.stdin, flush=True)
        status = int(server.stdout.readline())
        _idle.put(server)
        return subprocess.CompletedProcess(arguments, status, output.read(), errors.read())


def _text_file():
    return tempfile.NamedTemporaryFile("r", encoding="utf-8")


def _server() -> subprocess.Popen:
    """One that is idle, or a new one; it ends with this process, which closes its input."""
    try:
        return _idle.get_nowait()
    except Empty:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return subprocess.Popen([sys.executable, "-P", "-c", SERVER], text=True, **pipes)
