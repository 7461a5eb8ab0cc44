"""The page as one file: its template with modules, styles, the kernel and data put in."""

import base64
import json
import re
from importlib.resources import files
from typing import Any

_PAGE, _VENDOR = files(__package__) / "page", files(__package__) / "vendor"
WORKER = ("keys", "memory", "train", "worker")
"""The modules of the worker, each after those that it uses."""
MAIN = (
    "decode", "memory", "composition", "cell", "selection", "pool", "numbers", "controls", "curves",
    "tables", "stories", "exports", "main",
)  # fmt: skip
"""Those of the page."""


def page(catalogue: dict[str, Any], kernel: bytes) -> str:
    """The explorer as HTML, which asks for no other file.

    Args:
        catalogue: plain data.
        kernel: the .wasm.
    """
    parts = {
        "style": _text(_VENDOR / "uPlot.min.css") + _text(_PAGE / "style.css"),
        "licence": _text(_VENDOR / "LICENSE"),
        "plots": _text(_VENDOR / "uPlot.iife.min.js"),
        "catalogue": _data(catalogue),
        "kernel": base64.b64encode(kernel).decode(),
        "worker": script(WORKER),
        "main": script(MAIN),
    }
    text = _text(_PAGE / "index.html")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], text)


def script(modules: tuple[str, ...]) -> str:
    """Modules as one script: what they import from each other is already there."""
    return "\n".join(_plain(_text(_PAGE / f"{name}.js")) for name in modules)


def _plain(module: str) -> str:
    text = re.sub(r"(?ms)^import .*?;\n", "", module)
    return re.sub(r"(?m)^export ", "", text)


def _data(value: Any) -> str:
    """JSON that can stand in a script element."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=False, allow_nan=False)
    return text.replace("<", "\\u003c")


def _text(path) -> str:
    return path.read_text(encoding="utf-8")
