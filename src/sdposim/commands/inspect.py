"""Say where a file comes from."""

import json
import os
from pathlib import Path

from sdposim.commands.provenance import KINDS
from sdposim.storage.errors import UserError
from sdposim.storage.files import sha256
from sdposim.storage.parquet import open_sealed

RECORDS = Path("results/provenance")


def run(file: str) -> None:
    """Print the provenance of a log, a summary, or a file in reports/.

    Raises:
        UserError: the file is missing, damaged, or of a kind that no rule records.
    """
    path = Path(file)
    if not path.is_file():
        raise UserError(f"{file} is not a file")
    for folder in path.absolute().parents:
        if folder.parent.name == "runs":  # see the key `name` of the configuration
            path = path.absolute()
            os.chdir(folder)
            break
    print("\n".join(_parquet(path) if path.suffix == ".parquet" else _artefact(path)))


def _parquet(path: Path) -> list[str]:
    parquet = open_sealed(path)
    text = parquet.schema_arrow.metadata[b"sdposim"]
    metadata = json.loads(text)
    kind = "summary"
    if "condition" in metadata:
        kind = "policies of training cells" if "steps" in metadata["spec"] else "training log"
    elif "shapes" in metadata:
        kind = "numbers of an identification or a fit"
    return [
        f"{path}: {kind}, {parquet.metadata.num_rows} rows",
        *_lines(metadata),
    ]


def _artefact(path: Path) -> list[str]:
    wanted = _relative(path)
    for record_path in sorted(RECORDS.glob("**/*.json")):
        try:
            record = json.loads(record_path.read_text(encoding="utf-8"))
            result = record["artefacts"].get(wanted)
        except (OSError, ValueError, KeyError, AttributeError):
            raise UserError(
                f"{record_path} is damaged: delete it and rerun, it will be written again"
            ) from None
        if result is None:
            continue
        kind = next(kind for kind in KINDS if kind in record)
        same = sha256(path) == result["sha256"]
        return [
            f"{wanted}: {result['name']} of {kind} {record[kind]}",
            "the file is the recorded one" if same else "THE FILE WAS CHANGED since it was made",
            *_lines({name: result[name] for name in ("inputs", "spec", "sha256")}),
            *_lines({name: record[name] for name in ("written", "git_commit", "versions")}),
            f"configuration and logs: see {record_path}",
        ]
    raise UserError(
        f"{path} is in no record of {RECORDS}: `snakemake` writes them, for the studies it ran"
    )


def _relative(path: Path) -> str:
    absolute = path.absolute()
    root = Path.cwd()
    return (absolute.relative_to(root) if absolute.is_relative_to(root) else path).as_posix()


def _lines(value: object, indent: str = "") -> list[str]:
    """Nested keys with values as indented lines."""
    lines = []
    for key, item in value.items():
        if isinstance(item, dict) and item:
            lines += [f"{indent}{key}:", *_lines(item, indent + "  ")]
        else:
            text = item if isinstance(item, str) else json.dumps(item)
            lines.append(f"{indent}{key}: {text}")
    return lines
