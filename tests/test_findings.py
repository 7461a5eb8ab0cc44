"""Every result in the README and docs/findings.md is the one of the result files."""

import json
import re
from functools import cache

import pandas as pd
import pytest

from ministudy import ROOT
from sdposim.audit.claims import read_claims
from sdposim.audit.verdicts import VERDICTS
from sdposim.workflow.configuration.models import Config

SCOPES = {name: scope.label for name, scope in read_claims().scopes.items()}
PAGES = ("README.md", "docs/findings.md")
REPORTS = ROOT / "reports"
WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@cache
def table(name):
    """A csv file below reports/."""
    return pd.read_csv(REPORTS / name)


@cache
def prose(name):
    """A generated page below reports/, its white space made even."""
    return " ".join((REPORTS / name).read_text(encoding="utf-8").split())


@cache
def told(name):
    """Claims or hypotheses with their verdicts."""
    return json.loads((REPORTS / f"{name}.json").read_text(encoding="utf-8"))


def one(name, column, **where):
    """The one value of a column of a csv file."""
    rows = table(name)
    for key, value in where.items():
        rows = rows[rows[key] == value]
    (found,) = rows[column].unique()
    return found


def found(name, pattern):
    """What a pattern's brackets hold in a generated page."""
    match = re.search(pattern, prose(name))
    assert match, (name, pattern)
    return match.groups() if len(match.groups()) > 1 else match.group(1)


def within(sds):
    return int((table("joint_fit_numbers.csv")["paper_z"].abs() <= sds).sum())


def effect(claim, scope, formula):
    return one("claims.csv", "value", id=claim, scope=scope, effect=formula)


def correlation(scope):
    return effect("C14", scope, "correlation(reinforce, continuous)")


def lead(scope):
    return effect("C4", scope, "reward(sdpo, continuous) - reward(reinforce, continuous)")


def fitted(method, feedback, statistic, column="paper", source="figure 6"):
    about = {"source": source, "method": method, "feedback": feedback, "statistic": statistic}
    return one("joint_fit_numbers.csv", column, **about)


def counts(scope):
    verdicts = [claim["verdict"][scope] for claim in told("claims")]
    return " | ".join(str(verdicts.count(verdict)) for verdict in VERDICTS)


def holding(scope):
    return counts(scope).split(" | ")[0]


def contradictions():
    return sum(claim["contradicts_itself"] is not None for claim in told("claims"))


def everywhere():
    """Hypotheses that hold in every scope in which they can be asked."""
    asked = [
        {verdict for verdict in own["verdict"].values() if verdict != VERDICTS[-1]}
        for own in told("hypotheses")
    ]
    return sum(verdicts == {VERDICTS[0]} for verdicts in asked)


def gained():
    """What SDPO's reward gains after step 150, the least and the most of the four feedbacks."""
    rows = table("claims.csv")
    rows = rows[(rows["id"] == "C9") & (rows["scope"] == "paper")]
    values = rows[rows["effect"].str.startswith("reward(sdpo")]["value"]
    return values.min(), values.max()


def settled():
    """By how much mean rewards change after step 150 with the best step sizes, at most."""
    rows = table("claims.csv")
    rows = rows[(rows["id"] == "C9") & (rows["scope"] == "best_step")]
    assert len(rows) == 12
    return rows["value"].abs().max()


def leading():
    """SDPO's lead over REINFORCE by learning rate: at the paper's, and with the best of each."""
    small, best = found(
        "mechanisms/step_sizes.md",
        r"0\.02, SDPO is ahead of REINFORCE \(([\d.]+) .*? best rate of each .*? it \(([\d.]+)",
    )
    return small, best


def cost(method):
    rows = table("testbed/biased_judges.csv")
    rows = rows[rows["strength_percent"] == rows["strength_percent"].max()]
    return rows[rows["method"] == method]["lost"].mean()


def share(method):
    return one("testbed/retrospection.csv", "share", feedback="continuous", method=method)


def good(method):
    return one("testbed/diversity.csv", "good", level=0.9, method=method)


def wrong():
    """Gains of wrong landscapes in synthetic papers that are above the paper's own, rising."""
    rows = re.findall(r"\| \+[\d.]+ \| \+([\d.]+) \|", prose("joint_fit_check.md"))
    return sorted(float(gain) for gain in rows if float(gain) > float(evidence("all but figure 6")))


def evidence(numbers):
    return found("joint_fit.md", rf"\| {numbers} \| \+([\d.]+) \|")


def widest():
    panel = "Autoregressive: SDPO less Judged REINFORCE"
    about = {"panel": panel, "step": "best", "vocabulary_size": 32, "sequence_length": 12}
    return one("testbed/sizes.csv", "gap", **about)


def judges():
    """Judges that err: each bias, other noise and comparisons, once whatever the strength."""
    rows = (ROOT / "docs/parts.md").read_text(encoding="utf-8").split("## Feedbacks")[1]
    own = re.findall(r"^\| `\w+` \| ([^|\d]+) \| (.*) \|$", rows, re.MULTILINE)
    known = ("bias: `uninformative`", "bias: `shuffled`")
    errs = re.compile("bias: |student_t|scale: `preference`")
    return sum(bool(errs.search(parts)) and not parts.startswith(known) for _, parts in own)


def rank():
    return one("identification.csv", "lead_rank", family="numpy_default_rng-qbs-normal")


def tried():
    return one("identification.csv", "seeds", family="numpy_default_rng-qbs-normal")


def word(number):
    return WORDS[int(number)]


def seeds():
    *others, last = Config().model_dump()["settings"]["five"]["landscape"]["seed"]
    return f"{', '.join(map(str, others))} and {last}"


def printed(method):
    return one("tables/table1_as_printed.csv", "reproduced", method=method)


def numbers():
    return len(table("joint_fit_numbers.csv"))


def papers():
    return table("joint_fit_check.csv")["paper"].nunique()


def weights():
    """Published first weights of the hybrid: in the text, and the two of figure 5."""
    return tuple(
        one("comparison.csv", "published", quantity="hybrid weight, first step", **where)
        for where in (
            {"where": "section 3.5"},
            {"where": "figure 5", "feedback": "continuous"},
            {"where": "figure 5", "feedback": "critique"},
        )
    )


def noisy(where):
    about = {"where": where, "noise": 0.5, "quantity": "credit correlation"}
    return one("comparison.csv", "published", **about)


FACTS = [
    ("over {} seeds", lambda: one("tables/table1.csv", "n")),
    ("{} of {} are within 2 SDs of a single run", lambda: (within(2), numbers())),
    (
        "{} of {} are within 2 SDs of a single run and {} within 3.",
        lambda: (within(2), numbers(), within(3)),
    ),
    ("explain all {} numbers", lambda: numbers()),
    (
        "its published credit correlation, about {:.2f}, needs equation 4 with its sign reversed; "
        "as printed it is {:+.2f}",
        lambda: (correlation("paper"), correlation("as_printed")),
    ),
    (
        "Of the paper's {} claims {} hold in its own setting**, {} with the equations as printed, "
        "{} on landscapes drawn anew and {} where every method has its best step size",
        lambda: (
            len(told("claims")),
            *map(holding, ("paper", "as_printed", "population", "best_step")),
        ),
    ),
    ("lead over REINFORCE falls from {} to {}", leading),
    ("{} are at odds with another place", contradictions),
    ("first weight, {:.2f} in the text and {:.2f} in figure 5", lambda: weights()[:2]),
    (
        "REINFORCE on the judge's words gets {:.3f}, SDPO with the oracle {:.3f}, "
        "SDPO shown successful peers {:.3f}",
        lambda: tuple(map(share, ("reinforce_judged", "sdpo", "sdpo_peer"))),
    ),
    (
        "REINFORCE on the judge's words gets {:.3f}, SDPO with the paper's oracle {:.3f}, "
        "SDPO shown successful peers {:.3f}",
        lambda: tuple(map(share, ("reinforce_judged", "sdpo", "sdpo_peer"))),
    ),
    ("with seed 42, and for figure 6 with {}", seeds),
    ("ranks {} of {:,} on tables 1 to 3", lambda: (("first", "second")[rank() - 1], tried())),
    (
        "as well as this one with probability {}",
        lambda: found(
            "identification.md", r"a random list fits as well with probability ([\d.]+),"
        ),
    ),
    (
        "log evidence of {} without figure 6 and {} with it",
        lambda: (evidence("all but figure 6"), evidence("all")),
    ),
    (
        "{} of some {:,} wrong landscapes gain {} and {}",
        lambda: (word(len(wrong())), round(papers() * 65, -3), *wrong()),
    ),
    (
        "SDPO is {:.3f} ± {:.3f} as published, its REINFORCE {:.3f} (published {:.3f})",
        lambda: (
            fitted("sdpo", "continuous", "mean"),
            fitted("sdpo", "continuous", "sd"),
            fitted("reinforce", "continuous", "mean"),
            fitted("reinforce", "continuous", "mean", "published"),
        ),
    ),
    (
        "entropy of Adv-Weighted is {} SDs off, and no reading with comparable evidence "
        "comes nearer than {}",
        lambda: found(
            "joint_fit.md", r"Adv-Weighted \| Ordinal \| 0 \| final entropy .*? -(\S+) \| (\S+) \|"
        ),
    ),
    (
        "critique feedback is missed ({:.2f}, published {:.2f})",
        lambda: map(float, found("joint_fit.md", r"step, critique \| (\S+) \| (\S+) ±")[::-1]),
    ),
    (
        "correlation in table 2 is {:.2f} then, and {:+.2f} as printed",
        lambda: (correlation("paper"), correlation("as_printed")),
    ),
    (
        "learns slowly (reward {:.3f} against {:.3f})",
        lambda: (
            printed("reinforce"),
            one("tables/table1.csv", "reproduced", method="reinforce"),
        ),
    ),
    ("The paper's {} claims are judged", lambda: len(told("claims"))),
    *(
        (f"| {label} | {{}} |", lambda scope=scope: counts(scope))
        for scope, label in SCOPES.items()
    ),
    (
        "Its lead over REINFORCE is {:.3f} on the paper's landscape (continuous feedback), "
        "{:.3f} on an average one, and {:.3f} where",
        lambda: map(lead, ("paper", "population", "best_step")),
    ),
    ("As printed, REINFORCE's is {:+.2f}.", lambda: correlation("as_printed")),
    ("gains {:.2f} to {:.2f} of reward after step 150", gained),
    ("no method's mean reward changes by more than {:.4f}.", settled),
    ("{} claims are at odds with another place", lambda: word(contradictions()).capitalize()),
    (
        "starts at {:.2f} in section 3.5 and at {:.2f} and {:.2f} in figure 5",
        lambda: weights(),
    ),
    (
        "noise 0.5 is {:.2f} in section 3.4 and {:.2f} in figure 4",
        lambda: map(noisy, ("section 3.4", "figure 4")),
    ),
    ("has {} systems", lambda: len(table("testbed/systems.csv")) - 1),
    ("and {} judges that err", judges),
    (
        "{} biases that leave {}% of the judge's R² cost SDPO nothing, GRPO {:.3f}, "
        "SDPO's peers {:.3f}",
        lambda: (
            word(table("testbed/biased_judges.csv")["bias"].nunique()).capitalize(),
            100 - table("testbed/biased_judges.csv")["strength_percent"].max(),
            cost("grpo"),
            cost("sdpo_peer"),
        ),
    ),
    ("to {:.2f} with 32 tokens, 12 positions and an autoregressive policy", widest),
    (
        "at 0.9 of the gain {:.0f} distinct good sequences in 1,000 samples, REINFORCE {:.0f}, "
        "SDPO {:.0f}",
        lambda: map(good, ("entropy_0_01", "reinforce_judged", "sdpo")),
    ),
    (
        "Of {} hypotheses that papers and gradients suggest, {} hold",
        lambda: (len(told("hypotheses")), word(everywhere())),
    ),
]
"""Sentences with results, and where each number comes from."""

NAMES = re.compile(
    r"equations? \d|tables? \d(?: to \d)?|[Ff]igures? \d|section \d\.\d|\bC\d+|"
    r"Python 3\.11(?: to 3\.\d+)?|default_rng with seed 42|Seed 42|python3-venv|tables/table1.md"
)
"""What has digits and is no result: places in the paper, claims, settings."""


def sentence(fact):
    """What a page has to say, with the numbers of the result files."""
    text, source = fact
    values = source()
    single = isinstance(values, str) or not hasattr(values, "__iter__")
    return text.format(*((values,) if single else values))


def plain(text):
    """A page's text in one line, without links' targets and blocks of code."""
    text = re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"!?\[([^\[\]]*)\]\([^)]*\)", r"\1", re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text))
    text = re.sub(r"^ *\d\. ", "", text, flags=re.MULTILINE)
    return " ".join(text.replace("`", "").split())


def paper_table(name):
    """The rows of a generated table."""
    return [row for row in (REPORTS / name).read_text("utf-8").splitlines() if row[:1] == "|"]


@pytest.mark.parametrize("fact", FACTS, ids=[text for text, _ in FACTS])
def test_a_page_says_what_the_results_do(fact):
    assert any(
        sentence(fact) in plain((ROOT / name).read_text(encoding="utf-8")) for name in PAGES
    ), sentence(fact)


@pytest.mark.parametrize("name", PAGES)
def test_every_number_of_a_page_is_one_of_these(name):
    page = (ROOT / name).read_text(encoding="utf-8")
    for row in paper_table("tables/table1.md"):
        assert row in page
        page = page.replace(row, "")
    page = plain(page)
    for said in sorted(map(sentence, FACTS), key=len, reverse=True):
        page = page.replace(said, "")
    left = NAMES.sub("", page)
    assert not re.findall(r".{0,40}\d.{0,20}", left)
