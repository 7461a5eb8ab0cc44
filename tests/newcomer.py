"""Follow the README to the letter in a fresh clone: `make test-readme`.

Clones the last commit of this checkout into a folder that is removed afterwards, runs the commands
of the README's blocks one after the other as a newcomer would, and compares the table that they
lead to with the one that the README shows.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import commands

ROOT = commands.ROOT


def follow(folder: Path, left_out: list[str]) -> None:
    """Run the README's commands in a clone; the first that fails ends the program."""
    for block in commands.blocks(folder / "README.md"):
        for command in commands.commands(block):
            if command in left_out:
                print(f"left out: {command}", flush=True)
                continue
            print(f"$ {command}", flush=True)
            start = time.perf_counter()
            done = subprocess.run(["bash", "-euc", command], cwd=folder, check=False)
            if done.returncode:
                sys.exit(f"error: the README's command failed: {command}")
            print(f"  {time.perf_counter() - start:.0f} s", flush=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leave-out", action="append", default=[], help="a command, to the letter")
    left_out = parser.parse_args(arguments).leave_out
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "sdposim"
        subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
        follow(folder, left_out)
        readme = (folder / "README.md").read_text(encoding="utf-8")
        rows = (folder / "reports/tables/table1.md").read_text(encoding="utf-8").splitlines()
        missing = [row for row in rows if row.startswith("|") and row not in readme]
        if missing:
            sys.exit(f"error: the README shows another table 1 than comes out: {missing}")
        changed = subprocess.run(
            ["git", "status", "--porcelain", "--", "reports"],
            cwd=folder, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        if changed:
            sys.exit(f"error: following the README changed the committed reports:\n{changed}")
    print("the README's commands work, and its table comes out")


if __name__ == "__main__":
    main()
