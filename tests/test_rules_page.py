"""docs/rules.md shows the rules as they are; after a change of them: `make rules`."""

import re
import sys

import pytest

from ministudy import ROOT

sys.path.insert(0, str(ROOT / "docs/make"))
import rules

PAGE = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
RULE = re.compile(r'^rule (\w+):\n    (?:"""(.*)""")?', re.MULTILINE)


def declared():
    """Rules with their docstrings."""
    files = [
        *(ROOT / "workflow").rglob("*.smk"),
        *ROOT.glob("Snakefile"),
        *ROOT.glob("*/Snakefile"),
    ]
    return dict(pair for path in files for pair in RULE.findall(path.read_text(encoding="utf-8")))


def test_the_page_has_every_rule_with_its_sentence():
    assert len(declared()) > 30
    for name, sentence in declared().items():
        assert sentence and f"| `{name}` | {sentence} |" in PAGE, name


def test_the_page_has_the_graph_of_the_study():
    known = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE))
    assert rules.study(known) in PAGE


@pytest.mark.long
def test_the_page_has_the_graph_of_everything():
    assert rules.page() == PAGE


def test_a_graph_is_without_arrows_that_follow_from_others():
    graph = "\n".join(["  id0[all]", "  id1[train]", "  id2[summarise]",
                       "  id1 --> id0", "  id2 --> id0", "  id1 --> id2"])  # fmt: skip
    assert rules.needs(graph) == {"all": {"summarise"}, "summarise": {"train"}, "train": set()}


def test_a_rule_without_a_sentence_is_told():
    with pytest.raises(SystemExit, match="no docstring: train"):
        rules.sentences("all (Everything.)\ntrain\n")
