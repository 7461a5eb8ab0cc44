"""A YAML loader that refuses what PyYAML takes in silence, or fails on only later."""

import re

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver


class Refused(Exception):
    """What YAML allows and a configuration does not; the message starts with the line."""

    def __init__(self, node_or_event, reason: str) -> None:
        super().__init__(f"line {node_or_event.start_mark.line + 1}: {reason}")


_DEEPEST = 100
"""Levels of nesting; the configuration has 7, and Python's own limit is reached at some hundred."""
_LONGEST = 1000
"""Characters of a whole number; Python writes none of more than 4300 digits."""


if yaml.__with_libyaml__:

    class _Loader(Composer, yaml.cyaml.CParser, SafeConstructor, Resolver):
        """`yaml.SafeLoader`, its text read by libyaml, in a third of the time."""

        def __init__(self, stream):
            yaml.cyaml.CParser.__init__(self, stream)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)

else:
    _Loader = yaml.SafeLoader


class StrictLoader(_Loader):
    """PyYAML without what it takes in silence or fails on only later."""

    def __init__(self, stream):
        super().__init__(stream)
        self.within = []

    def compose_node(self, parent, index):
        event = self.peek_event()
        anchor = event.anchor
        if isinstance(event, yaml.AliasEvent):
            if anchor in self.within:
                raise Refused(event, f"the anchor {_quoted(anchor)} contains itself")
            return super().compose_node(parent, index)
        if len(self.within) == _DEEPEST:
            reason = f"a value nested more than {_DEEPEST} levels deep is not allowed"
            raise Refused(event, reason)
        self.within.append(anchor)
        node = super().compose_node(parent, index)
        self.within.pop()
        return node

    def construct_mapping(self, node, deep=False):
        # PyYAML keeps the last of two equal keys.
        seen = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else []:
            name = (key.tag, key.value) if isinstance(key, yaml.ScalarNode) else None
            if name in seen and name:
                raise yaml.YAMLError(
                    f"line {key.start_mark.line + 1}: the key {key.value!r} stands twice"
                )
            seen.add(name)
        return super().construct_mapping(node, deep)

    def construct_yaml_int(self, node):
        text = self.construct_scalar(node)
        if len(text) > _LONGEST:
            raise Refused(
                node,
                f"{_quoted(text)} is a number of {len(text):,} characters; allowed: at most "
                f"{_LONGEST:,}",
            )
        value = super().construct_yaml_int(node)
        if re.fullmatch(r"[-+]?0[0-7_]+", text):
            meant = dict.fromkeys([int(text.replace("_", "")), value])
            raise Refused(
                node,
                f"{text} would be read as the octal number {value}; write "
                f"{' or '.join(map(str, meant))}, or '{text}' for text",
            )
        _refuse_sexagesimal(node, text, value)
        return value

    def construct_yaml_float(self, node):
        text = self.construct_scalar(node)
        value = super().construct_yaml_float(node)
        _refuse_sexagesimal(node, text, value)
        return value


StrictLoader.add_constructor("tag:yaml.org,2002:int", StrictLoader.construct_yaml_int)
StrictLoader.add_constructor("tag:yaml.org,2002:float", StrictLoader.construct_yaml_float)


def _refuse_sexagesimal(node, text: str, value: float) -> None:
    if ":" in text:
        raise Refused(
            node,
            f"{_quoted(text)} would be read to the base of 60, as {value}; write {value}, or "
            f"{_quoted(repr(text))} for text",
        )


def _quoted(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
