"""Say which settings changed since the files were made, and what the next run makes again."""

import os
from collections import Counter

from sdposim.analysis.published import read_values
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.configuration.load import load
from sdposim.workflow.explain import KINDS, Due, explain
from sdposim.workflow.places import run_folder

NAMED = 12
"""Of at most as many artefacts of a kind the names are printed, of more their number."""
_PLURALS = {"summary": "summaries", "policies": "files of policies", "exact": "exact evaluations"}


def run(configfiles: list[str]) -> None:
    """Print each change and what it reaches.

    Args:
        configfiles: changes to config/config.yaml, as for `snakemake --configfile`.

    Raises:
        UserError: the configuration is not allowed.
    """
    config = load(configfiles)
    values = read_values()
    folder = run_folder(config.name)
    if folder.is_dir():
        os.chdir(folder)
    found = explain(config, Artefacts(config, values))
    if found.configured:
        print("The configuration has changed:")
        print("\n".join(f"  {key}" for key in found.configured), end="\n\n")
    for cause, reached in found.by_cause.items():
        print(cause)
        for line in _lines(reached):
            print(f"  {line}")
    current = ", ".join(_counted(kind, number) for kind, number in found.current.items() if number)
    if not found.due:
        print(f"Everything is up to date: {current}.")
    elif current:
        print(f"Up to date: {current}.")


def _lines(reached: list[Due]) -> list[str]:
    kinds: dict[str, list[str]] = {}
    for own in reached:
        kinds.setdefault(own.kind, []).append(own.name)
    return [_line(kind, kinds[kind]) for kind in sorted(kinds, key=KINDS.index)]


def _line(kind: str, names: list[str]) -> str:
    if kind in ("log", "policies"):
        methods = Counter(tuple(name.split("/")[:2]) for name in names)
        listed = [f"{' '.join(pair)} {number}" for pair, number in methods.items()]
    else:
        listed = [name for name in names if name]
    text = _counted(kind, len(names))
    return f"{text}: {', '.join(listed)}" if 0 < len(listed) <= NAMED else text


def _counted(kind: str, number: int) -> str:
    plural = _PLURALS.get(kind, f"{kind}s")
    if kind == "comparison":
        return "the comparison"
    return f"{number} {kind if number == 1 else plural}"
