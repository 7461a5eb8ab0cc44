"""Write config/config.yaml, config/README.md and the JSON schema from the models."""

from sdposim.storage.errors import UserError
from sdposim.storage.files import write_text
from sdposim.workflow.configuration.documents import documents


def run(check: bool) -> None:
    """Write the generated documents below the working directory.

    Args:
        check: write nothing.

    Raises:
        UserError: with `check`, when a document differs from what would be written.
    """
    for path, text in documents().items():
        current = path.read_text(encoding="utf-8") if path.exists() else None
        if current == text:
            continue
        if check:
            raise UserError(f"{path} is stale: run `sdposim config` and commit it")
        write_text(path, text)
        print(f"wrote {path}")
