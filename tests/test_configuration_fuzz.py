"""Configurations and files made at random: each is taken, or answered by one sentence."""

import copy
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sdposim.storage.errors import UserError
from sdposim.workflow import study as plan
from sdposim.workflow.configuration.load import load, merge
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.validate import validate

ROOT = Path(__file__).parents[1]
DEFAULT = yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8"))
json_values = st.recursive(
    st.integers() | st.booleans() | st.text(max_size=3) | st.none(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)
mappings = st.dictionaries(st.sampled_from("abc"), json_values)


@settings(suppress_health_check=list(HealthCheck))
@given(mappings, mappings)
@example({"a": 1}, {"a": {}})
@example({"a": 1}, {"a": {"b": {}}})
def test_files_are_merged_as_snakemake_merges_them(base, changes):
    from snakemake.utils import update_config

    expected = copy.deepcopy(base)
    update_config(expected, copy.deepcopy(changes))
    assert merge(base, changes) == expected


SCHEMA = Config.model_json_schema()
ODD = st.sampled_from(
    [None, True, -1, 0, 1, 2**63, 10**400, -0.0, 1e-300, float("nan"), float("inf")]
) | st.sampled_from(
    ["1e-1", "", "../x", "/etc/x", "a b", "$(id)", "x\ny", "each", {"": 1}, {3: 3}, [None], [[]]]
)


def from_schema(node):
    """Values that a node of the JSON schema allows, sizes kept small."""
    while "$ref" in node:
        node = SCHEMA["$defs"][node["$ref"].split("/")[-1]]
    if "anyOf" in node:
        return st.one_of(*map(from_schema, node["anyOf"]))
    if "enum" in node or "const" in node:
        return st.sampled_from(node.get("enum") or [node["const"]])
    kind = node["type"]
    if kind == "object" and "properties" in node:
        required = {
            name: from_schema(value)
            for name, value in node["properties"].items()
            if name in node.get("required", [])
        }
        optional = {
            name: from_schema(value)
            for name, value in node["properties"].items()
            if name not in required
        }
        return st.fixed_dictionaries(required, optional=optional)
    if kind == "object":
        inner = next(iter(node.get("patternProperties", {}).values()), None)
        inner = inner or node["additionalProperties"]
        return st.dictionaries(NAMES, from_schema(inner), max_size=3)
    if kind == "array":
        return st.lists(from_schema(node["items"]), min_size=node.get("minItems", 0), max_size=3)
    low = node.get("minimum", node.get("exclusiveMinimum", 0))
    if kind == "integer":
        return st.integers(low, min(node.get("maximum", 2**63 - 1), 2**63 - 1))
    if kind == "number":
        return st.floats(low, node.get("maximum", 1000), exclude_min="exclusiveMinimum" in node)
    return {"boolean": st.booleans(), "string": NAMES, "null": st.none()}[kind]


NAMES = st.sampled_from(["paper", "landscapes", "noise", "a", "b-1"]) | st.from_regex(
    r"[a-z0-9_][a-z0-9_-]{0,7}", fullmatch=True
)


def places(value, path=()):
    """Every path in nested dictionaries and lists."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in inner:
        yield (*path, key)
        yield from places(item, (*path, key))


@st.composite
def mutations(draw):
    """The paper's configuration after one to three changes."""
    config = copy.deepcopy(DEFAULT)
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(list(places(config))))
        node = config
        for part in path[:-1]:
            node = node[part]
        action = draw(st.sampled_from(["set", "delete", "swap", "rename", "repeat"]))
        if action == "set":
            node[path[-1]] = copy.deepcopy(draw(ODD | json_values))
        elif action == "delete":
            del node[path[-1]]
        elif action == "swap":
            other = draw(st.sampled_from(list(places(config))))
            found = config
            for part in other:
                found = found[part]
            node[path[-1]] = copy.deepcopy(found)
        elif action == "rename" and isinstance(node, dict):
            node[draw(st.text(max_size=5) | NAMES | st.none() | st.integers())] = node[path[-1]]
        elif action == "repeat" and isinstance(node, list):
            node.append(copy.deepcopy(node[0]))
        if not config:
            break
    return config


def check(raw):
    """Either a configuration whose files are safe, or one sentence that names a key."""
    before = repr(raw)
    try:
        config = validate(raw)
    except UserError as error:
        text = str(error)
        assert "\n" not in text and text.isprintable() and len(text) < 2000
        named = re.match(r"configuration key ('.*?'|\"[^\"]*\"|[\w.-]+)", text)
        assert named or text.startswith("the configuration is "), text
        assert "pydantic" not in text.lower() and "union" not in text
        return False
    finally:
        assert repr(raw) == before
    for jobs in plan.all_jobs(config).values():
        for job in jobs:
            assert re.fullmatch(r"results/logs(/[A-Za-z0-9_=.-]+)+\.parquet", job.path)
            assert ".." not in job.path
    for study in config.studies.values():
        for artefact in (*study.tables, *study.figures):
            assert re.fullmatch(r"[a-z0-9_][a-z0-9_-]*", artefact)
    return True


OVERLAY = b"""run: [noise]
settings: {paper: {landscape: {seed: each}}}
studies:
  noise: {seeds: [1, 2], noise: [0.0, 0.1]}
"""
PIECES = st.sampled_from(
    b"& * <<: ! !!set !!bool !!omap !!binary !!timestamp !!float !!python/object:os.system ? [ ] "
    b"{ } : - , ' \" # | > % @ ` --- .inf .nan ~ yes 0x1f 1_000 1:30 2026-02-30 &a *a".split()
) | st.sampled_from(
    [b"\0", b"\xff", b"\t", b"\n", b"\xc2\x85", b": ", b"- ", b"[" * 2000, b"9" * 5000]
)


@st.composite
def files(draw):
    """The bytes of a small configuration file after one to three changes."""
    content = OVERLAY
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(content)))
        end = start + draw(st.sampled_from([0, 0, 1, 5, 30]))
        content = content[:start] + draw(PIECES | st.binary(max_size=3)) + content[end:]
    return content


def check_file(path, content):
    """Either a configuration, or one sentence that names the file or a key."""
    path.write_bytes(content)
    try:
        load([path], ROOT / "config/config.yaml")
    except UserError as error:
        text = str(error)
        assert "\n" not in text and text.isprintable() and len(text) < 2000
        assert str(path) in text or "configuration" in text, text
        return False
    return True


def fuzz_files(path, cases):
    """Read about `cases` damaged files; how many were accepted and rejected."""
    counted = {True: 0, False: 0}
    options = settings(max_examples=cases, suppress_health_check=list(HealthCheck))

    def one(content):
        counted[check_file(path, content)] += 1

    options(given(files())(one))()
    return counted[True], counted[False]


def test_fuzzed_files(tmp_path):
    fuzz_files(tmp_path / "mine.yaml", 60)


@pytest.mark.long
def test_thousands_of_fuzzed_files(tmp_path, count):
    accepted, rejected = fuzz_files(tmp_path / "mine.yaml", 4000)
    count("damaged configuration files accepted, as still meaning something", accepted)
    count("damaged configuration files rejected, each in one sentence", rejected)


def fuzz(cases):
    """Run the two fuzzers for about `cases` configurations; how many were accepted and rejected."""
    counted = {True: 0, False: 0}
    options = settings(max_examples=cases // 2, suppress_health_check=list(HealthCheck))

    def one(raw):
        counted[check(raw)] += 1

    options(given(mutations())(one))()
    options(given(from_schema(SCHEMA))(one))()
    return counted[True], counted[False]


def test_fuzzed_configurations():
    fuzz(200)


@pytest.mark.long
def test_thousands_of_fuzzed_configurations(count):
    accepted, rejected = fuzz(10_000)
    count("fuzzed configurations accepted, with safe paths", accepted)
    count("fuzzed configurations rejected, each in one sentence that names a key", rejected)
