"""Targets, proposals and posteriors as JSON files."""

import json
from pathlib import Path

import numpy as np

from sdposim.calibration.climb import Mode
from sdposim.calibration.distance import Scatter
from sdposim.calibration.proposal import Proposal
from sdposim.calibration.target import Tables
from sdposim.errors import UserError
from sdposim.files import write_text


def write_json(path: str, content: dict) -> None:
    """Write a dictionary as sorted, indented JSON."""
    write_text(path, json.dumps(content, sort_keys=True, indent=1) + "\n")


def read_json(path: str) -> dict:
    """Read a JSON file of ours.

    Raises:
        UserError: it is missing or damaged.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"cannot read {path}: {error}; delete it and run again") from None


def write_target(path: str, tables: Tables, truth: dict | None) -> None:
    """Write tables, and for simulated ones the settings they came from."""
    listed = [[*column, *values] for column, values in sorted(tables.items())]
    write_json(path, {"tables": listed, "truth": truth})


def read_target(path: str) -> tuple[Tables, dict | None]:
    """Read what `write_target` wrote."""
    content = read_json(path)
    tables = {(row[0], row[1]): (row[2], row[3], row[4]) for row in content["tables"]}
    return tables, content["truth"]


def write_proposal(path: str, proposal: Proposal) -> None:
    """Write a proposal; JSON keeps every bit of a float."""
    write_json(path, _plain(proposal))


def read_proposal(path: str) -> Proposal:
    """Read what `write_proposal` wrote."""
    return Proposal(**_arrays(read_json(path)))


def write_starts(path: str, starts: list[dict], scatter: Scatter) -> None:
    """Write where climbs start, and the run-to-run scatter by which they measure distances."""
    write_json(path, {"starts": starts, "scatter": _plain(scatter)})


def read_starts(path: str) -> tuple[list[dict], Scatter]:
    """Read what `write_starts` wrote."""
    content = read_json(path)
    return content["starts"], Scatter(**_arrays(content["scatter"]))


def write_modes(path: str, modes: list[Mode]) -> None:
    """Write where climbs ended."""
    write_json(path, {"modes": [_plain(mode) for mode in modes]})


def read_modes(paths: list[str]) -> list[Mode]:
    """Read what `write_modes` wrote, one file after the other."""
    return [Mode(**_arrays(mode)) for path in paths for mode in read_json(path)["modes"]]


def _plain(record) -> dict:
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in record._asdict().items()
    }


def _arrays(content: dict) -> dict:
    return {
        name: np.array(value) if isinstance(value, list) else value
        for name, value in content.items()
    }
