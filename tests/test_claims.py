"""A small audit from end to end: its files, what an edit makes again, and what the page says."""

import csv
import json
import re
import subprocess
from copy import deepcopy

import pytest
import yaml

from edits import delete, installed, replace
from ministudy import CONFIGURATION, Study
from sdposim.__main__ import main
from sdposim.audit.rulebooks import Rulebook
from sdposim.audit.verdicts import VERDICTS
from sdposim.workflow.claims import rules_commit

HERE = "config/paper/claims.yaml"
REASONS = "config/paper/reasons.yaml"
CLAIMS = {
    "head": {"everywhere": True},
    "scopes": {
        "one": {
            "label": "One landscape",
            "about": "Runs vary.",
            "settings": ["here"],
            "studies": ["audited"],
        },
        "best": {
            "label": "Best step",
            "about": "Landscapes vary.",
            "settings": ["slow", "fast"],
            "studies": ["steps"],
            "chosen_on": 3,
        },
    },
    "claims": {
        "C1": {
            "title": "SDPO above REINFORCE",
            "section": "3.1",
            "claim": "SDPO ends above REINFORCE.",
            "kind": "ordering",
            "shown": "tables/table1.md",
            "tests": [
                {
                    "for": {"method": ["sdpo", "reinforce"], "other": ["reinforce"]},
                    "effect": "reward({method}, binary) - reward({other}, binary, 0) + 0.5",
                    "relation": "greater",
                    "than": 0,
                }
            ],
        },
        "C2": {
            "title": "A number of table 1",
            "section": "table 1",
            "claim": "SDPO has the reward of table 1, and had it at step 2.",
            "kind": "value",
            "equations": "D4",
            "contradicts": {"places": ["table 1", "figure 1"], "why": "They do."},
            "untested": {"best": "Table 1 is of one landscape."},
            "tests": [
                {
                    "effect": 'reward(sdpo, binary) - paper("table1.sdpo.binary")',
                    "relation": "reproduces",
                    "scopes": ["one"],
                },
                {
                    "effect": "reward(sdpo, binary) - reward_at(2, sdpo, binary)",
                    "relation": "equal",
                    "to": 0,
                    "margin": 0.5,
                    "scopes": ["one"],
                },
            ],
        },
        "C3": {
            "title": "Design",
            "section": "2.7",
            "claim": "There are six positions.",
            "kind": "definition",
            "tests": [{"effect": "setting(sequence_length)", "relation": "same", "to": 6}],
        },
        "C4": {
            "title": "It matters",
            "section": "4",
            "claim": "It matters.",
            "kind": "text",
            "verdict": "not testable here",
            "why": "Nothing here can tell.",
        },
    },
}
STUDIES = {
    "audited": {
        "settings": ["here"],
        "methods": ["sdpo", "reinforce"],
        "feedbacks": ["binary"],
        "seeds": 6,
        "seeds_per_job": 8,
    },
    "steps": {
        "settings": ["slow", "fast"],
        "methods": ["sdpo", "reinforce"],
        "feedbacks": ["binary"],
        "seeds": 8,
        "seeds_per_job": 8,
        "log_steps": "summary",
    },
}
SETTINGS = {
    "here": {},
    "slow": {"landscape": {"seed": "each"}, "training": {"learning_rate": 0.01}},
    "fast": {"landscape": {"seed": "each"}, "training": {"learning_rate": 1.0}},
}
EVERY = {f"claim claims/C{number}" for number in (1, 2, 3)}
LAST = {"audit_report claims", "provenance_target claims"}


def configuration():
    settings = {"paper": CONFIGURATION["settings"]["paper"], **SETTINGS}
    return CONFIGURATION | {"run": ["audited"], "studies": STUDIES, "settings": settings}


def write_claims(study, claims):
    study.path(HERE).write_text(yaml.safe_dump(claims, sort_keys=False), encoding="utf-8")


def claims_of(study):
    return yaml.safe_load(study.path(HERE).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    study = Study(tmp_path_factory.mktemp("audited"), configuration())
    study.copy_sources()
    write_claims(study, CLAIMS)
    study.path(REASONS).write_text("C2: Runs differ.\n", encoding="utf-8")
    study.run("--", "claims")
    return study


def jobs(study):
    return study.jobs("--", "claims") - {"claims"}


def report(study):
    return json.loads(study.path("reports/claims.json").read_text(encoding="utf-8"))


# --- what is written -----------------------------------------------------------------------------


def test_every_claim_has_a_verdict_in_every_scope(audited):
    found = report(audited)
    assert [claim["id"] for claim in found] == ["C1", "C2", "C3", "C4"]
    for claim in found:
        for group in ("verdict", "effect", "interval", "evidence"):
            assert set(claim[group]) == {"one", "best"}
        assert set(claim["verdict"].values()) <= set(VERDICTS)
    first, second, third, last = found
    low, high = first["interval"]["one"]
    assert low <= first["effect"]["one"] <= high
    assert first["evidence"]["best"]["decisive"]["units"] == 5  # of 8, three choose the step
    assert second["verdict"]["best"] == "not testable here" and second["effect"]["best"] is None
    assert second["evidence"]["best"] == {"reason": "Table 1 is of one landscape."}
    assert third["verdict"] == {"one": "in conflict", "best": "in conflict"}  # there are two
    assert third["effect"]["one"] == 2.0
    assert last["evidence"]["one"] == {"reason": "Nothing here can tell."}


def test_the_csv_has_every_test(audited):
    with audited.path("reports/claims.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["scope"], row["test"]) for row in rows] == [
        ("C1", "one", "1"), ("C1", "one", "2"), ("C1", "best", "1"), ("C1", "best", "2"),
        ("C2", "one", "1"), ("C2", "one", "2"), ("C3", "one", "1"), ("C3", "best", "1"),
    ]  # fmt: skip
    assert all(row["chosen"] for row in rows if row["scope"] == "best" and row["id"] == "C1")
    assert 0 <= float(rows[0]["share"]) <= 1 and float(rows[0]["units"]) == 6


def test_the_page_says_every_claim_and_the_rules(audited):
    page = audited.path("reports/claims.md").read_text(encoding="utf-8")
    for name, claim in CLAIMS["claims"].items():
        assert f"### {name}\n\n**{claim['title']}**" in page
    assert "The paper contradicts itself (table 1, figure 1): They do." in page
    assert "the rules have no history here" in page
    assert "[tables/table1.md](tables/table1.md)" in page
    assert page.count("Runs differ.") >= 1
    assert "| Best step | – not testable here |  | Table 1 is of one landscape. |  |  |" in page
    assert "The learning rates that were chosen" in page
    assert re.search(r"C1.*\d of 2", page, re.DOTALL)


def test_the_record_names_the_report(audited, monkeypatch, capsys):
    monkeypatch.chdir(audited.folder)
    assert main(["inspect", "reports/claims.md"]) == 0
    assert "report of target claims\nthe file is the recorded one" in capsys.readouterr().out


# --- what an edit makes again --------------------------------------------------------------------


def changed(change):
    def apply(study):
        claims = claims_of(study)
        change(claims)
        write_claims(study, claims)

    return apply


def bound(claims):
    claims["claims"]["C1"]["tests"][0]["than"] = 0.1


def title(claims):
    claims["claims"]["C1"]["title"] = "Another"


def added(claims):
    claims["claims"]["C5"] = claims["claims"]["C3"]


def removed(claims):
    del claims["claims"]["C3"]


def untested(claims):
    claims["claims"]["C2"]["untested"]["best"] = "Another reason."


def another_variant(claims):
    claims["scopes"]["best"]["variants"] = {"either": ["slow", "fast"]}


def fewer(claims):
    claims["scopes"]["best"]["chosen_on"] = 4


EDITS = {
    "nothing": (lambda study: None, set()),
    "the bound of a claim": (changed(bound), {"claim claims/C1"} | LAST),
    "the title of a claim": (changed(title), LAST),
    "why a claim is not tested in a scope": (changed(untested), LAST),
    "a variant of a scope": (
        changed(another_variant), {"claim claims/C1", "claim claims/C3"} | LAST,
    ),
    "a claim is added": (changed(added), {"claim claims/C5"} | LAST),
    "a claim is removed": (changed(removed), LAST),
    "a scope": (changed(fewer), {"claim claims/C1", "claim claims/C3"} | LAST),
    "evidence is deleted": (delete("results/claims/C2.parquet"), {"claim claims/C2"} | LAST),
    "a published number": (
        replace("config/paper/values.csv", "sdpo,binary,0,0.650,3", "sdpo,binary,0,0.651,3"),
        {"claim claims/C2"} | LAST,
    ),
    "the statistics": (
        replace("src/sdposim/audit/statistics.py", "RESAMPLES = 9999", "RESAMPLES = 9998"),
        EVERY | LAST,
    ),
    "the page": (
        replace("src/sdposim/report/claims/page.py", "## How they are judged", "## How"), LAST,
    ),
    "another version of SciPy": (installed("scipy"), EVERY | LAST),
    "a reason": (replace(REASONS, "Runs differ.", "They differ."), LAST),
    "a page is edited by hand": (
        lambda study: study.path("reports/claims.md").write_text("x"), LAST,
    ),
    "a summary is deleted": (
        delete("results/summaries/steps/cells.parquet"),
        {"summarise steps", "claim claims/C1"} | LAST,
    ),
    "a log is deleted": (
        delete("results/logs/fast/sdpo/**/*.parquet"),
        {"train fast/sdpo/binary/0.0/0-7", "summarise steps", "claim claims/C1"} | LAST,
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", EDITS)
def test_an_edit_makes_again_what_depends_on_it(audited, tmp_path, change):
    study = audited.copy(tmp_path / "study")
    apply, expected = EDITS[change]
    apply(study)
    assert jobs(study) == expected


def test_evidence_of_another_machine_is_asked_what_it_was_made_from(audited, tmp_path):
    study = audited.copy(tmp_path / "study")
    changed(bound)(study)
    delete(".snakemake/metadata")(study)
    assert jobs(study) == {"claim claims/C1"} | LAST


def test_a_mistake_in_the_claims_ends_in_a_sentence(audited, tmp_path):
    study = audited.copy(tmp_path / "study")

    def wrong(claims):
        test = claims["claims"]["C1"]["tests"][0]
        test["effect"] = "reward({method}, binary, 7) - reward({other}, binary)"

    changed(wrong)(study)
    done = study.snakemake("--cores", "1", "--", "claims")
    said = done.stdout + done.stderr
    assert done.returncode == 1 and "Traceback" not in said
    assert "no study of audited has method 'sdpo' with feedback 'binary', noise 7" in said
    changed(lambda claims: claims["claims"]["C1"].update(kind="large"))(study)
    done = study.snakemake("--cores", "1")
    said = done.stdout + done.stderr
    assert done.returncode == 1 and "Traceback" not in said
    assert "claims.C1.kind: Input should be 'value', 'ordering'" in said


# --- whose rules these are -----------------------------------------------------------------------


def test_the_commit_is_that_of_the_rules_and_not_of_their_words(tmp_path):
    path = tmp_path / "claims.yaml"
    rulebook = Rulebook("claims", str(path), "")

    def write(change=lambda claims: None):
        claims = deepcopy(CLAIMS)
        change(claims)
        path.write_text(yaml.safe_dump(claims), encoding="utf-8")

    def commit(change=lambda claims: None):
        write(change)
        git("add", "."), git("commit", "-q", "-m", "x")
        return git("rev-parse", "HEAD").strip()

    def git(*command):
        own = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *command]
        return subprocess.run(own, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    def words(claims):
        title(claims), untested(claims)
        claims["claims"]["C1"]["known"] = "The verdicts elsewhere."

    write()
    assert rules_commit(rulebook) == {"commit": "", "state": "committed"}
    git("init", "-q")
    path.with_suffix(".txt").touch()
    first = commit()
    assert rules_commit(rulebook) == {"commit": first, "state": "committed"}
    said = commit(words)
    assert said != first and rules_commit(rulebook) == {"commit": first, "state": "committed"}
    write(bound)
    assert rules_commit(rulebook) == {"commit": said, "state": "changed"}
    second = commit(bound)
    assert rules_commit(rulebook) == {"commit": second, "state": "committed"}
    third = commit(another_variant)
    assert rules_commit(rulebook)["commit"] == third
    assert commit(fewer) == rules_commit(rulebook)["commit"]
