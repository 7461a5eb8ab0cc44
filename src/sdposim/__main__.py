"""The command line that the rules call, and that a person can: `sdposim --help`."""

import argparse
import os
import sys
from typing import NoReturn

from sdposim.commands.calibration import REPORTS, STEPS
from sdposim.storage.errors import UserError
from sdposim.storage.garbage import spare

# Commands import what they need when they run: a training job must not wait for Matplotlib.


def _standard_input() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise UserError("standard input is not UTF-8 text") from None


def _compile(args):
    # Read by `model.parts` when it is imported.
    os.environ["SDPOSIM_PARTS"] = "all" if args.whole else "paper"
    from sdposim.commands import compile as command

    command.run(args.output, args.whole)


def _train(args):
    from sdposim.commands import train as command

    command.run(args.spec, args.setting, args.output)


def _policies(args):
    from sdposim.commands import policies as command

    command.run(args.spec, args.setting, args.output)


def _summarise(args):
    from sdposim.commands import summarise as command

    spec, _, logs = _standard_input().partition("\n")
    command.run(logs.splitlines(), spec, args.cells, args.curves)


def _exact(args):
    from sdposim.commands import exact as command

    spec, _, files = _standard_input().partition("\n")
    command.run(files.splitlines(), spec, args.output)


def _table(args):
    from sdposim.commands import table as command

    command.run(args.cells, args.spec, args.stem, args.receipt)


def _figure(args):
    from sdposim.commands import figure as command

    command.run(args.cells, args.curves, args.spec, args.stem, args.receipt)


def _mechanism(args):
    from sdposim.commands import mechanism as command

    spec = _standard_input().strip()
    command.run(args.summaries, spec, args.stem, args.receipt)


def _comparison(args):
    from sdposim.commands import comparison as command

    command.run(args.cells, args.curves, args.spec, args.stem, args.receipt)


def _config(args):
    from sdposim.commands import config as command

    command.run(args.check)


def _inspect(args):
    from sdposim.commands import inspect as command

    command.run(args.file)


def _orphans(args):
    from sdposim.commands import orphans as command

    command.run(args.configfile, args.remove)


def _explain(args):
    from sdposim.commands import explain as command

    command.run(args.configfiles)


def _compare(args):
    from sdposim.commands import compare as command

    command.run(args.names, args.stem)


def _plan(args):
    from sdposim.commands import plan as command

    command.run(args.configfiles, args.measure)


def _provenance(args):
    from sdposim.commands import provenance as command

    command.run(_standard_input(), args.output)


def _crate(args):
    from sdposim.commands import crate as command

    command.run(_standard_input(), args.output)


def _claim(args):
    from sdposim.commands import claim as command

    command.run(_standard_input().strip(), args.output)


def _claims(args):
    from sdposim.commands import claims as command

    command.run(_standard_input().strip(), args.receipt)


def _pages(args):
    from sdposim.commands import pages as command

    command.run(_standard_input().strip(), args.folder, args.receipt)


def _reproduction(args):
    from sdposim.commands import reproduction as command

    command.run(_standard_input().strip(), args.receipt)


def _calibration(args):
    from sdposim.commands import calibration as command

    command.run(args.step, args.spec, args.output)


def _wasm(args):
    from sdposim.model.numerics.wasm import UNOPTIMISED

    if os.environ | UNOPTIMISED != os.environ:  # what Python and Numba read when they start
        program = [sys.executable, "-m", "sdposim", "wasm", "--output", args.output]
        os.execve(sys.executable, program, os.environ | UNOPTIMISED)
    from sdposim.commands import wasm as command

    command.run(args.output)


def _explorer(args):
    from sdposim.commands import explorer as command

    spec = _standard_input().strip()
    command.run(spec, args.kernel, args.results, args.output, args.receipt)


def parser() -> argparse.ArgumentParser:
    """The argument parser; every command's `run` documents its arguments."""
    main = argparse.ArgumentParser(prog="sdposim", description=__doc__)
    commands = main.add_subparsers(required=True, metavar="command")

    def add(name, function, text, *options):
        command = commands.add_parser(name, help=text, description=text)
        for option in options:
            command.add_argument(f"--{option}", required=True)
        command.set_defaults(function=function)
        return command

    compiled = add("compile", _compile, "compile the paper's kernel into its cache")
    compiled.add_argument("--whole", action="store_true", help="that of all parts instead")
    compiled.add_argument("--output", help="a file that says so, for the rule that calls this")
    options = ("spec", "setting", "output")
    add("train", _train, "train the cells of a job (a rule calls this)", *options)
    text = "keep the policies of a job's cells at chosen steps (a rule calls this)"
    add("policies", _policies, text, *options)
    text = "summarise logs: spec and paths on standard input, one a line (a rule calls this)"
    add("summarise", _summarise, text, "cells", "curves")
    text = "evaluate policies: spec and paths on standard input, one a line (a rule calls this)"
    add("exact", _exact, text, "output")
    artefact = ("spec", "stem", "receipt")
    add("table", _table, "make a table (a rule calls this)", "cells", *artefact)
    add("figure", _figure, "draw a figure (a rule calls this)", "cells", "curves", *artefact)
    text = "draw and tell a mechanism: spec on standard input (a rule calls this)"
    mechanism = add("mechanism", _mechanism, text, "stem", "receipt")
    mechanism.add_argument("--summaries", nargs="+", required=True, help="cells, curves, and exact")
    text = "compare with the paper (a rule calls this)"
    comparison = add("comparison", _comparison, text, *artefact)
    comparison.add_argument("--cells", nargs="+", required=True)
    comparison.add_argument("--curves", nargs="+", required=True)
    documents = add("config", _config, "write the documents that are generated from the models")
    documents.add_argument("--check", action="store_true", help="only say which are stale")
    inspect = add("inspect", _inspect, "say where a log, a summary, a table or a figure comes from")
    inspect.add_argument("file")
    orphans = add("orphans", _orphans, "list files that the configuration no longer wants")
    orphans.add_argument("--configfile", nargs="+", default=[], help="as for snakemake")
    orphans.add_argument("--remove", action="store_true", help="remove them")
    plan = add("plan", _plan, "print cells, jobs, core time and disk before anything is run")
    plan.add_argument("configfiles", nargs="*", help="changes to config/config.yaml")
    plan.add_argument("--measure", action="store_true", help="time short cells on this machine")
    text = "say which settings changed, and what the next run makes again"
    explain = add("explain", _explain, text)
    explain.add_argument("configfiles", nargs="*", help="changes to config/config.yaml")
    compare = add("compare", _compare, "set the paper's numbers in several runs side by side")
    compare.add_argument("names", nargs="+", help="of runs; `.` is the run without a name")
    compare.add_argument("--stem", help="write <stem>.csv and <stem>.md instead of printing")
    text = "record where a study's files come from: spec on standard input (a rule calls this)"
    add("provenance", _provenance, text, "output")
    text = "measure a claim or a hypothesis: spec on standard input (a rule calls this)"
    add("claim", _claim, text, "output")
    text = "judge all claims, or all hypotheses: spec on standard input (a rule calls this)"
    add("claims", _claims, text, "receipt")
    text = "render the pages of the workflow report: spec on standard input (a rule calls this)"
    add("pages", _pages, text, "folder", "receipt")
    text = "fill the reproduction paper in: spec on standard input (a rule calls this)"
    add("reproduction", _reproduction, text, "receipt")
    text = "compute a step of an identification or a joint fit (a rule calls this)"
    step = add("calibration", _calibration, text, "spec", "output")
    step.add_argument("step", choices=STEPS | REPORTS)
    text = "write a Workflow Run RO-Crate: spec on standard input (a rule calls this)"
    add("crate", _crate, text, "output")
    text = "compile the explorer's kernel to WebAssembly (a rule calls this)"
    add("wasm", _wasm, text, "output")
    text = "write the explorer's page: spec on standard input (a rule calls this)"
    add("explorer", _explorer, text, "kernel", "results", "output", "receipt")
    return main


def main(arguments: list[str] | None = None) -> int:
    """Run a command; an error that a user can mend becomes one sentence and exit status 1."""
    args = parser().parse_args(arguments)
    # A kernel is compiled, whatever Numba is set to do for other work; it reads this when imported.
    os.environ["NUMBA_DISABLE_JIT"] = "0"
    try:
        args.function(args)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except FloatingPointError as error:
        # Settings too large for the simulation.
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        # Such as a full disk under the progress that is printed into a job's log.
        print(f"error: {error.filename or 'output'}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


def end(status: int) -> NoReturn:
    """End the process at once, with its output written.

    A usual exit tears down Arrow's threads, which at times aborts a process whose work is done
    (Arrow issue 34314).
    """
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        status = status or 1
    os._exit(status)


def program() -> NoReturn:
    """The program `sdposim`."""
    spare()
    end(main())


if __name__ == "__main__":
    program()
