"""Kill -9 at random moments: the next plain `snakemake` finishes, and equals a clean run."""

import random
from collections import Counter

import pytest

from killing import ALONE, JOBS, WHOLE, Victim


def test_killed_runs_are_finished_by_the_next_one(clean, tmp_path):
    study, seconds = clean
    victim, rng = Victim(tmp_path / "study", seconds), random.Random(1)
    for target in (WHOLE, "train", ALONE, "summarise"):
        victim.kill(target, rng)
    assert sum(victim.kills.values()) >= 3
    victim.finish(study)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
def test_fifty_kills(clean, tmp_path, count, seed):
    """Five kills, and after one, two or three of them a run to the end."""
    study, seconds = clean
    rng = random.Random(seed)
    kills = Counter()
    while kills.total() < 5:
        victim = Victim(tmp_path / f"study{kills.total()}", seconds)
        for _ in range(rng.randint(1, 3)):
            victim.kill(rng.choice([WHOLE, ALONE, *JOBS[1:]]), rng)
        victim.finish(study)
        count("finishing runs after kills, each equal to a clean one")
        kills.update(victim.kills)
    for target, number in kills.items():
        count(f"kills of {target}", number)


@pytest.mark.long
def test_kills_of_the_compilation(clean, tmp_path, count):
    study, _ = clean
    # Compiling takes longer than the rest: the moments are spread over half a minute.
    victim, rng = Victim(tmp_path / "study", 30, tmp_path / "cache"), random.Random(0)
    for target in ("compile", WHOLE, "compile", ALONE, "compile"):
        victim.kill(target, rng)
    victim.finish(study)
    assert victim.kills["compile"] == 3
    for target, number in victim.kills.items():
        count(f"kills of {target} (before or during compilation)", number)
