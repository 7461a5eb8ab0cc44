"""Kill -9 at random moments: the next plain `snakemake` finishes, and equals a clean run."""

import random

import pytest

from killing import ALONE, JOBS, WHOLE, Victim


def test_killed_runs_are_finished_by_the_next_one(clean, tmp_path):
    study, seconds = clean
    victim, rng = Victim(tmp_path / "study", study, seconds), random.Random(1)
    targets = ["compile", WHOLE, "train", ALONE, "summarise"]
    for target in targets:
        victim.kill(target, rng)
    assert victim.kills == dict.fromkeys(targets, 1)
    victim.finish()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_sixty_kills(clean, tmp_path, count, seed):
    """Six kills, and after one, two or three of them a run to the end."""
    study, seconds = clean
    rng = random.Random(seed)
    targets = [WHOLE, ALONE, "train", "summarise", "table", "provenance"]
    rng.shuffle(targets)
    while targets:
        victim = Victim(tmp_path / f"study{len(targets)}", study, seconds)
        chosen = [targets.pop() for _ in range(min(len(targets), rng.randint(1, 3)))]
        for target in chosen:
            victim.kill(target, rng)
        assert victim.kills == dict.fromkeys(chosen, 1)
        victim.finish()
        count("finishing runs after kills, each equal to a clean one")
        for target in chosen:
            count(f"kills of {named(target)}")


def named(target):
    """A target as the figures name it."""
    return f"the job {target}" if target in JOBS else target


@pytest.mark.long
def test_kills_of_the_compilation(clean, tmp_path, count):
    """Where nothing is compiled yet: compiling takes longer than all the rest."""
    study, _ = clean
    victim, rng = Victim(tmp_path / "study", study, 30, tmp_path / "cache"), random.Random(0)
    targets = ["compile", WHOLE, "compile", ALONE, "compile", "compile", WHOLE, "compile"]
    for target in targets:
        victim.kill(target, rng)
        count(f"kills of {named(target)} where the kernel is compiled first")
    victim.finish()
    count("finishing runs after kills, each equal to a clean one")
