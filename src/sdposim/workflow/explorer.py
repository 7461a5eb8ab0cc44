"""What the explorer's page is made from, besides its kernel and the paper's tables."""

from pathlib import Path

from sdposim.model import kernel
from sdposim.report.explorer import stories
from sdposim.storage.files import sha256
from sdposim.storage.sources import digest
from sdposim.workflow.study import canonical

NAME = "explorer"
PAGE = "reports/explorer.html"
_PARTS = Path(stories.__file__).parent
_PACKAGES = (*kernel.KERNEL_PACKAGES, "pydantic")


def spec() -> str:
    """What the page depends on, as canonical JSON.

    Reports of other targets, which take far longer, are taken as they are: so their checksums.
    """
    parts = [path for path in _PARTS.glob("**/*.*") if path.suffix not in (".py", ".pyc")]
    told = [Path("reports", name) for name in stories.TOLD]
    return canonical(
        {
            "parts": {str(path.relative_to(_PARTS)): sha256(path) for path in parts},
            "told": {str(path): sha256(path) for path in told if path.exists()},
            "digest": digest(
                "sdposim.commands.explorer", *kernel.parts.modules(), packages=_PACKAGES
            ),
        }
    )
