"""Digests of source code: what a result was computed by.

The digest of a module covers the module and every module of this package that it imports, directly
or not, wherever in the file the import stands. So a rule names the module whose function it calls
and needs no list of files that somebody must keep up to date. Comments, layout and docstrings do
not count: they cannot change a number.
"""

import ast
import hashlib
import json
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from sdposim.storage.remembered import Remembered, program

PACKAGE = "sdposim"
ROOT = Path(__file__).parents[1]


_version = cache(version)


@cache
def digest(*modules: str, packages: tuple[str, ...] = ()) -> str:
    """Digest of modules, of all the package's modules they import, and of installed versions.

    Args:
        modules: dotted names of modules of this package.
        packages: installed packages whose version can change the result.

    Returns:
        16 hexadecimal digits.
    """
    names = {name for module in modules for name in import_closure(module)}
    parts = {name: _source(name).digest for name in names}
    _remembered().write()
    text = json.dumps([parts, {name: _version(name) for name in packages}], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def import_closure(module: str) -> tuple[str, ...]:
    """The package's modules that `module` reaches through imports, itself included, sorted."""
    result: set[str] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in result:
            continue
        result.add(name)
        waiting += _source(name).imports
    return tuple(sorted(result))


@cache
def _path(module: str) -> Path | None:
    base = ROOT.joinpath(*module.split(".")[1:])
    for path in (base / "__init__.py", base.with_suffix(".py")):
        if path.is_file():
            return path
    return None


class _Source(NamedTuple):
    """What is known of a module: the digest of its code, and this package's modules it imports."""

    digest: str
    imports: tuple[str, ...]


@cache
def _source(module: str) -> _Source:
    path = _path(module)
    if path is None:
        raise ModuleNotFoundError(f"{module} is not a module of {PACKAGE}")
    content = path.read_bytes()
    known = _remembered().get(content)
    if known is None:
        parts: list[str] = []
        names: list[str] = []
        _canonical(ast.parse(content, filename=str(path)), parts, names)
        if "" in names:
            raise ImportError(f"{module} imports relatively; write the full name instead")
        own = [name for name in names if name.startswith(f"{PACKAGE}.")]
        known = hashlib.sha256("\n".join(parts).encode()).hexdigest(), own
        _remembered().put(content, known)
    found, imports = known
    # Whether a name is a module changes with other files than its own.
    return _Source(found, tuple(name for name in imports if _path(name)))


@cache
def _remembered() -> Remembered:
    """What was read off modules before: to parse them takes a third of a small dry run."""
    return Remembered("sources.json", program(__file__) + sys.version)


def _canonical(node: object, parts: list[str], names: list[str]) -> None:
    """Append a syntax tree without docstrings, positions and empty fields, and what it imports.

    Empty fields are left out because newer Python versions add some. One pass for both, as every
    start of Snakemake does this for all modules. An import that is relative has the name "".
    """
    if isinstance(node, ast.AST):
        parts.append(f"{type(node).__name__}(")
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            # `from package import x` may name a module or something inside the package.
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            names += [""] if node.level else [*inside, str(node.module)]
        for name in node._fields:
            value = getattr(node, name, None)
            if value is None or value == []:
                continue
            if name == "body" and isinstance(value, list):
                value = [statement for statement in value if not _is_text(statement)]
            parts.append(name)
            _canonical(value, parts, names)
        parts.append(")")
    elif isinstance(node, list):
        parts.append("[")
        for item in node:
            _canonical(item, parts, names)
        parts.append("]")
    else:
        parts.append(repr(node))


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
