"""The hypotheses: the file, the studies that it reads, and the audit that it shares with claims."""

import csv
import re

import pandas as pd
import pytest
import yaml
from pydantic import ValidationError

from edits import delete
from ministudy import CONFIGURATION, ROOT, Study
from sdposim.__main__ import main
from sdposim.analysis.published import read_values
from sdposim.audit.claims import parsed, read_claims, read_reasons
from sdposim.audit.judged import judged
from sdposim.audit.rulebooks import HYPOTHESES, RULEBOOKS
from sdposim.audit.samples import asked
from sdposim.audit.verdicts import NOT_HERE, SUPPORTED
from sdposim.report.claims import Findings
from sdposim.report.claims.figure import overview
from sdposim.report.claims.page import _listed, page
from sdposim.report.labels import feedback_label, method_label
from sdposim.storage.errors import UserError
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.claims import Audit
from sdposim.workflow.configuration.models import Config

CONFIG = Config()

# --- the file, and what it reads -----------------------------------------------------------------


def test_all_fifteen_are_decided_by_numbers_or_by_reasoning():
    known = read_claims(HYPOTHESES.path)
    assert list(known.claims) == [f"H{number}" for number in range(1, 16)]
    for name, own in known.claims.items():
        trials = [trial for scope in known.scopes for trial in own.trials(scope)]
        assert bool(trials) == (own.kind != "text"), name
        assert all(asked(term) for trial in trials for term in trial.effect.terms)
        assert own.tests or (own.verdict == NOT_HERE and "needs" in own.why), name
        assert not own.shown or (ROOT / "reports" / own.shown).exists(), name
    assert set(read_reasons(known, HYPOTHESES.reasons_path)) <= set(known.claims)


def test_the_configuration_has_what_every_hypothesis_asks_for():
    audit = Audit(CONFIG, Artefacts(CONFIG, read_values()), read_values(), HYPOTHESES)
    read = set()
    for name in audit.judged:
        assert audit.of(name).spec()
        read |= {(own.study, own.condition.method) for own in audit.of(name)._reads}
    studies = {study for scope in audit.claims.scopes.values() for study in scope.studies}
    # Nothing is trained that no hypothesis reads.
    # But of a page's study.
    own = [study for study in studies if not CONFIG.studies[study].testbed]
    trained = {(study, name) for study in own for name in CONFIG.studies[study].methods}
    assert trained == {(study, name) for study, name in read if study in own}


@pytest.mark.parametrize(
    "one, other, slot",
    [
        ("h_peer_full", "h_peer_sampled", "divergence"),
        ("h_solution_full", "h_solution_sampled", "divergence"),
        ("h_own_full", "h_own_sampled", "divergence"),
        ("h_live", "h_oracle_jsd", "divergence"),
        ("h_live", "h_oracle_reverse", "divergence"),
        ("opsd", "h_opsd_jsd", "divergence"),
        ("opsd", "h_solution_full", "divergence"),
        ("h_live", "h_hidden_25", "guidance"),
        ("h_live", "h_error_1", "guidance"),
        ("h_live", "h_live_style", "guidance"),
        ("h_live", "h_fixed", "base"),
        ("h_ema_style", "h_trust_style", "base"),
        ("h_rlsd", "h_rlsd_style_2", "guidance"),
        ("h_rlsd", "h_contrast", "guidance"),
        ("h_episode_fixed", "h_episode_reverse", "divergence"),
        ("h_episode_ema", "h_rule_ema", "guidance"),
        ("h_counterfactual", "h_blank", "credit"),
        ("scar", "h_blank", "credit"),
        ("h_natural_forward_kl", "h_live", "preconditioner"),
        ("h_natural_jsd", "h_oracle_jsd", "preconditioner"),
        ("h_natural_reverse_kl", "h_oracle_reverse", "preconditioner"),
    ],
)
def test_methods_that_are_compared_differ_in_one_part(one, other, slot):
    first, second = (CONFIG.methods[name].composition for name in (one, other))
    differing = {key for key in {*first, *second} if first.get(key) != second.get(key)}
    assert differing == {slot}


def test_no_figure_can_take_the_name_of_an_audits():
    for name in RULEBOOKS:
        with pytest.raises(ValidationError, match="names other than claims, hypotheses"):
            study = {"methods": ["sdpo"], "feedbacks": ["binary"]}
            study |= {"figures": {name: {"kind": "entropy"}}}
            Config.model_validate({"run": ["mine"], "studies": {"mine": study}})


# --- what the page says, of synthetic evidence ---------------------------------------------------

SCOPE = {"about": "Units vary.", "settings": ["here"], "studies": ["mine"]}
SCOPES = {"first": {"label": "First", **SCOPE}, "second": {"label": "Second", **SCOPE}}
TEST = {"effect": "reward(sdpo, binary)", "relation": "greater", "than": 0}
OPEN = {"kind": "text", "verdict": NOT_HERE, "why": "It needs more."}


def hypothesis(title, tests=(), **more):
    own = {"title": title, "section": "a paper", "claim": "So it is.", "kind": "ordering"}
    return own | ({"tests": list(tests)} if tests else OPEN) | more


def findings(claims, outcomes, head=None, chosen=()):
    """Findings of a hypothesis's outcomes, by name and scope: "holds", "falls" or "open".

    `chosen` has the settings that were chosen, as evidence has them, by name and scope.
    """
    chosen = dict(chosen)
    known = parsed({"head": head or {}, "scopes": SCOPES, "claims": claims}, "here")
    values = {"holds": (1e-9, 1.0), "falls": (1.0, 1e-9), "open": (0.5, 0.5)}
    evidence = {}
    for name, own in known.claims.items():
        rows = []
        for scope in known.scopes:
            for number, trial in enumerate(own.trials(scope)):
                false, true = values[outcomes[name][scope]]
                rows.append(
                    {
                        "scope": scope, "test": number, "effect": trial.effect.text,
                        "relation": trial.relation, "bounds": "than 0", "measured": 0.25,
                        "low": 0.125, "high": 0.5, "units": 9, "false": false, "true": true,
                        "iqm": 0.25, "share": 0.5, "power": 0.5, "needed": 20.0,
                        "chosen": chosen.get((name, scope), ""),
                    }
                )  # fmt: skip
        if rows:
            evidence[name] = pd.DataFrame(rows)
    rules = {"commit": "abc", "state": "committed"}
    return Findings(HYPOTHESES, known, judged(known, evidence), rules, {}, {"here": 0.1})


def joined(found):
    return " ".join(page(found).split())


ONE = {"scopes": ["first"]}
TWO = {"scopes": ["second"]}
EACH = {
    "H1": hypothesis("Everywhere", [TEST]),
    "H2": hypothesis("In the second alone", [TEST | TWO]),
}


def test_the_page_speaks_of_hypotheses_as_the_head_says():
    head = {"title": "What holds", "one": "hypothesis", "several": "hypotheses",
            "count": "There are {count} {several} here.", "units": "planets"}  # fmt: skip
    outcomes = {"H1": {"first": "holds", "second": "holds"}, "H2": {"second": "holds"}}
    said = joined(findings(EACH, outcomes, head))
    assert said.startswith("# What holds There are 2 hypotheses here. Numbers decide all of them")
    assert "An effect is of means over units: planets; methods are paired" in said
    assert "## Every hypothesis" in said and "[hypotheses.csv](hypotheses.csv)" in said
    assert "[config/testbed/hypotheses.yaml](../config/testbed/hypotheses.yaml)" in said
    assert "the paper" not in said.replace("As a paper", "") and "reasoned" not in said
    assert "is reproduced if" not in said and "equations" not in said


def test_what_only_some_audits_have_is_said_where_they_have_it():
    made = EACH | {
        "H2": hypothesis("Open"),
        "H3": hypothesis(
            "A number",
            [{"effect": "reward(sdpo, binary)", "relation": "reproduces"} | ONE],
            equations="D2",
            contradicts={"places": ["a", "b"], "why": "They do."},
        ),
    }
    outcomes = {"H1": {"first": "holds", "second": "falls"}, "H3": {"first": "open"}}
    found = findings(made, outcomes)
    said = joined(found)
    assert "Numbers decide 2 of them" in said and "; 1 can only be reasoned about." in said
    assert "A published number is reproduced if" in said
    assert "what the paper's equations imply." in said
    assert "by reasoning: It needs more." in said
    legend = overview(found)[0].legends[0]
    assert "contradicts itself" in legend.get_title().get_text()
    without = overview(findings(EACH, {"H1": outcomes["H1"], "H2": {"second": "open"}}))[0]
    assert not without.legends[0].get_title().get_text()


@pytest.mark.parametrize(
    "outcome, heading",
    [
        ("falls", "**In conflict in “Second”** (1)"),
        ("open", "**Undecided in “Second”** (1)"),
        ("holds", "**Hold in every scope in which they can be asked** (2)"),
    ],
)
def test_what_is_first_asked_in_a_later_scope_is_in_the_summary(outcome, heading):
    outcomes = {"H1": {"first": "holds", "second": "holds"}, "H2": {"second": outcome}}
    said = joined(findings(EACH, outcomes))
    before = said[: said.index("## How they are judged")]
    assert heading in before and "[H2](#h2) In the second alone" in before
    assert before.count("[H2](#h2)") == 1


def test_learning_rates_are_told_of_each_scope_that_chooses():
    several = {"settings": ["slow", "fast"], "chosen_on": 1}
    each = {name: own | several for name, own in SCOPES.items()}
    outcomes = {"H1": {"first": "holds", "second": "holds"}, "H2": {"second": "holds"}}
    chosen = {("H1", "first"): "one, binary, 0: slow", ("H2", "second"): "other, binary, 0: fast"}

    def said(chosen):
        found = findings(EACH, outcomes, chosen=chosen)
        known = parsed({"scopes": each, "claims": EACH}, "here")
        return joined(found._replace(claims=known, rates={"slow": 0.1, "fast": 2.0}))

    both, ends = said(chosen), "an end of the range of 2, 0.1 to 2, so that the best one may lie"
    one, other = method_label("one"), method_label("other")
    feedback = feedback_label("binary")
    assert f"| {one} | {feedback} | 0 | 0.1 | |" in both
    assert f"| {other} | {feedback} | 0 | | 2 |" in both
    assert f"In “First”, at {ends} beyond it: {one}." in both
    assert f"In “Second”, at {ends} beyond it: {other}." in both
    variant = said({("H1", "first"): "one, binary, 0, few_rollouts: slow; one, binary, 0: fast"})
    assert f"| {one} | {feedback} | 0 | 2 |" in variant
    assert f"| {one}, few rollouts | {feedback} | 0 | 0.1 |" in variant
    alone = said(list(chosen.items())[:1])
    assert f"At {ends} beyond it: {one}." in alone and "”, at an end" not in alone


def test_where_a_hypothesis_is_not_asked_has_a_row_if_that_has_a_reason():
    outcomes = {"H1": {"first": "holds", "second": "holds"}, "H2": {"second": "holds"}}
    few = joined(findings(EACH, outcomes))
    assert "Each is judged in the scopes in which it can be asked:" in few
    assert "| – not testable here | |" not in few
    more = EACH | {"H2": EACH["H2"] | {"untested": {"first": "It has no second."}}}
    many = joined(findings(more, outcomes, {"everywhere": True}))
    assert "Each is judged in several scopes, for what holds in one may be" in many
    assert many.count("| First | – not testable here | | It has no second. | | |") == 1
    assert many.count("– not testable here | |") == 1


def test_rules_that_are_younger_than_results_say_so():
    outcomes = {name: {"first": "holds", "second": "holds"} for name in EACH}
    plain = joined(findings(EACH, outcomes))
    assert "rules that were written before the results." in plain and "younger" not in plain
    late = EACH | {"H2": EACH["H2"] | {"known": "It was seen."}}
    said = joined(findings(late, outcomes))
    assert "rules that were written before the results (those of H2 are younger)." in said
    assert "Known before these rules were written: It was seen." in said
    own = joined(findings(late, outcomes, {"known": "{names} was seen by then"}))
    assert "written before the results (H2 was seen by then)." in own


def test_labels_with_commas_are_told_apart():
    assert _listed({"b", "a"}) == "a, b"
    assert _listed({"b", "a, twice"}) == "a, twice; b"


@pytest.mark.parametrize(
    "head, expected",
    [
        ({"count": "There are {number}."}, "head.count: 'There are {number}.' is not allowed; "),
        ({"titel": "x"}, "head.titel: Extra inputs are not permitted"),
        ({"one": ""}, "head.one: String should have at least 1 character"),
        ("x", "head: Input should be"),
    ],
)
def test_a_mistake_in_the_head_is_a_sentence(head, expected):
    rows = {"head": head, "scopes": SCOPES, "claims": EACH}
    with pytest.raises(UserError) as caught:
        parsed(rows, "hypotheses.yaml")
    assert expected in str(caught.value) and "\n" not in str(caught.value)


# --- from end to end -----------------------------------------------------------------------------

HERE, PAPER = "config/testbed/hypotheses.yaml", "config/paper/claims.yaml"
SMALL = {
    "head": {"title": "Which hypotheses hold", "one": "hypothesis", "several": "hypotheses"},
    "scopes": {
        "one": {
            "label": "One landscape",
            "about": "Runs vary.",
            "settings": ["paper"],
            "studies": ["audited"],
        }
    },
    "claims": {
        "H1": hypothesis(
            "SDPO above REINFORCE",
            [TEST | {"effect": "reward(sdpo, lenient) - reward(reinforce, lenient) + 0.5"}],
        ),
        # What a judge says who finds a share of 0.3 of what is lacking: 0.3 + 0.7 R.
        "H2": hypothesis(
            "What the judge said",
            [
                {
                    "effect": "judged(sdpo, lenient) - 0.3 - 0.7 * reward(sdpo, lenient)",
                    "relation": "equal",
                    "to": 0,
                    "margin": 1e-9,
                },
                {
                    "effect": "judged_at(1, sdpo, lenient) - 0.7 * reward_at(1, sdpo, lenient)",
                    "relation": "equal",
                    "to": 0.3,
                    "margin": 1e-9,
                },
            ],
        ),
        "H3": hypothesis("Open"),
        "H4": hypothesis(
            "What policies are worth",
            [
                {
                    "effect": "expected_at(0, sdpo, lenient) - expected_at(1, sdpo, lenient)",
                    "relation": "less",
                    "than": 0,
                },
                {
                    "effect": "setbacks(0, 1, sdpo, lenient)",
                    "relation": "equal",
                    "to": 0,
                    "margin": 1e-9,
                },
            ],
        ),
    },
}
CLAIM = SMALL | {"head": {}, "claims": {"C1": SMALL["claims"]["H1"]}}
AUDITED = {
    "methods": ["sdpo", "reinforce"],
    "feedbacks": ["lenient"],
    "seeds": 6,
    "seeds_per_job": 8,
    "policies": [0, 1],
}
LAST = {"audit_report hypotheses", "provenance_target hypotheses"}


def write(study, path, rows):
    study.path(path).write_text(yaml.safe_dump(rows, sort_keys=False), encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    settings = {"paper": CONFIGURATION["settings"]["paper"]}
    configuration = CONFIGURATION | {"run": ["audited"], "settings": settings}
    study = Study(
        tmp_path_factory.mktemp("hypotheses"), configuration | {"studies": {"audited": AUDITED}}
    )
    study.copy_sources()
    write(study, HERE, SMALL)
    write(study, PAPER, CLAIM)
    for path in (HYPOTHESES.reasons, "config/paper/reasons.yaml"):
        study.path(path).write_text("# None yet.\n", encoding="utf-8")
    study.run("--", "hypotheses", "claims")
    return study


def jobs(study):
    return study.jobs("--", "hypotheses", "claims") - {"hypotheses", "claims"}


def test_the_target_is_made_from_a_tiny_configuration(made):
    for path in HYPOTHESES.files:
        assert made.path(path).is_file(), path
    said = " ".join(made.path("reports/hypotheses.md").read_text(encoding="utf-8").split())
    assert "There are 4 hypotheses. Numbers decide 3 of them" in said
    assert "### H3 **Open**" in said
    assert "# Which claims hold" in made.path("reports/claims.md").read_text(encoding="utf-8")
    with made.path("reports/hypotheses.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["test"]) for row in rows] == [
        ("H1", "1"), ("H2", "1"), ("H2", "2"), ("H4", "1"), ("H4", "2"),
    ]  # fmt: skip
    assert {row["verdict"] for row in rows if row["id"] in ("H2", "H4")} == {SUPPORTED}


def test_records_and_orphans_know_both_audits(made, tmp_path, monkeypatch, capsys):
    study = made.copy(tmp_path / "study")
    monkeypatch.chdir(study.folder)
    for name in RULEBOOKS:
        assert main(["inspect", f"reports/{name}.md"]) == 0
        assert f"report of target {name}\nthe file is the recorded" in capsys.readouterr().out
    found = study.sdposim("orphans").stdout
    assert "hypotheses" not in found and "claims" not in found
    rows = SMALL | {"claims": {"H1": SMALL["claims"]["H1"]}}
    write(study, HERE, rows)
    gone = {line for line in study.sdposim("orphans").stdout.split() if "H2" in line}
    assert gone == {"results/hypotheses/H2.parquet", "results/joblogs/hypotheses/H2.log"}


def edited(change):
    def apply(study):
        rows = yaml.safe_load(study.path(HERE).read_text(encoding="utf-8"))
        change(rows)
        write(study, HERE, rows)

    return apply


def bound(rows):
    rows["claims"]["H1"]["tests"][0]["than"] = 0.1


def title(rows):
    rows["head"]["title"] = "Another"


EDITS = {
    "the bound of a hypothesis": (edited(bound), {"claim hypotheses/H1"} | LAST),
    "the title of the page": (edited(title), LAST),
    "what policies are worth is deleted": (
        delete("results/summaries/audited/exact.parquet"),
        {"exact audited", "claim hypotheses/H4"} | LAST,
    ),
    "evidence is deleted": (
        delete("results/hypotheses/H2.parquet"), {"claim hypotheses/H2"} | LAST,
    ),
    "a page is edited by hand": (
        lambda study: study.path("reports/hypotheses.md").write_text("x"), LAST,
    ),
    "a claim of the other audit": (
        lambda study: study.path(PAPER).write_text(
            study.path(PAPER).read_text(encoding="utf-8").replace("than: 0", "than: 0.1")
        ),
        {"claim claims/C1", "audit_report claims", "provenance_target claims"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", EDITS)
def test_an_edit_makes_again_what_depends_on_it(made, tmp_path, change):
    study = made.copy(tmp_path / "study")
    apply, expected = EDITS[change]
    apply(study)
    assert jobs(study) == expected


def test_evidence_of_another_machine_is_asked_what_it_was_made_from(made, tmp_path):
    study = made.copy(tmp_path / "study")
    edited(bound)(study)
    delete(".snakemake/metadata")(study)
    assert jobs(study) == {"claim hypotheses/H1"} | LAST


def test_evidence_of_a_hypothesis_that_cannot_be_asked_ends_no_other_run(made, tmp_path):
    study = made.copy(tmp_path / "study")
    delete(".snakemake/metadata")(study)
    edited(lambda rows: rows["scopes"]["one"].update(studies=["none"]))(study)
    done = study.snakemake("--cores", "1", "--dry-run", "--", "claims")
    assert done.returncode == 0, done.stdout + done.stderr
    done = study.snakemake("--cores", "1", "--", "hypotheses")
    said = done.stdout + done.stderr
    assert done.returncode == 1 and "Traceback" not in said
    assert re.search(r"hypotheses.yaml: scopes.one.studies: 'none' is not a study", said)
