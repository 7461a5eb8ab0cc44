"""JSON files of a calibration."""

import json
from pathlib import Path
from typing import Any

import numpy as np

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


def plain(record: Any) -> dict:
    """A named tuple as a dictionary of JSON's types; JSON keeps every bit of a float."""
    return {
        name: value.tolist() if isinstance(value, np.ndarray) else value
        for name, value in record._asdict().items()
    }


def arrays(content: dict) -> dict:
    """The inverse of `plain`, for the fields of a named tuple."""
    return {
        name: np.array(value) if isinstance(value, list) else value
        for name, value in content.items()
    }
