"""The digest of all log values of the golden study: `python tests/golden.py [--update]`."""

import argparse
import hashlib
import io
import json
import tempfile
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import numpy as np
import yaml

from everypart import EVERY_FEEDBACK, EVERY_METHOD
from sdposim.analysis.logs import read_log
from sdposim.commands import train
from sdposim.model.metrics import METRICS
from sdposim.model.paper import FEEDBACKS, METHODS
from sdposim.workflow import study as plan
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.configuration.validate import validate

STUDY = Path(__file__).with_name("golden.yaml")
DIGEST = Path(__file__).with_name("golden.json")
PAPER = METRICS[:5]
"""Those of section 2.6; what the judge said came later."""
_OTHERS = ("parts/", "contexts/")


def golden_study(seeds_per_job: int = 64, study: str | None = None) -> Config:
    """The studies, or one of them, their seeds cut into blocks of this width."""
    raw = yaml.safe_load(STUDY.read_text(encoding="utf-8"))
    others = [name for name in EVERY_METHOD if name not in METHODS]
    others += [name for name in EVERY_FEEDBACK if name not in FEEDBACKS]
    if others:
        # Parts that it does not name, in a setting of their own: the other digests stay.
        raw["methods"] = EVERY_METHOD | raw["methods"]
        raw["feedbacks"] = EVERY_FEEDBACK | raw["feedbacks"]
        raw["settings"]["parts"] = {}
        methods = [name for name in others if name in EVERY_METHOD]
        feedbacks = [name for name in others if name in EVERY_FEEDBACK]
        for name, own in {
            "parts": {"methods": methods, "feedbacks": ["binary", "critique"]},
            "judges": {"methods": ["sdpo"], "feedbacks": feedbacks},
        }.items():
            raw["studies"][name] = raw["studies"]["golden"] | {"settings": ["parts"]} | own
    # Nor autoregressive policies.
    raw["settings"]["contexts"] = {"policy": {"context": "previous_token"}}
    raw["studies"]["contexts"] = raw["studies"]["golden"] | {"settings": ["contexts"]}
    if study:
        raw |= {"run": [study], "studies": {study: raw["studies"][study]}}
    return validate(raw | {"seeds_per_job": seeds_per_job})


def train_all(config: Config, folder: Path) -> dict[Path, plan.Job]:
    """Run every training job of a configuration; the logs, below `folder`, and their jobs."""
    written = {}
    for jobs in plan.all_jobs(config).values():
        for job in jobs:
            path = folder / job.path
            spec = plan.training_spec(config, job)
            with redirect_stdout(io.StringIO()):
                train.run(spec, job.condition.setting, str(path))
            written[path] = job
    return written


def digest(logs: dict[Path, plan.Job]) -> dict:
    """Digest of all values of logs, and of those of each setting and method: what changed.

    What golden.yaml does not name has digests of its own, `others`, which it leaves out: one for
    each part, so that one more part changes no other.

    It depends on the cells alone, not on the blocks they were trained in. Undefined values count
    as one NaN, whatever its bits; zero and minus zero differ.
    """
    cells = {}
    for path, job in logs.items():
        method = job.condition.method.partition("-")[0]
        condition = replace(job.condition, method=method)
        for log in read_log(path):
            values = np.where(np.isnan(log.values), np.nan, log.values)[:, :, : len(PAPER)]
            for seed, block in zip(log.seeds.tolist(), values, strict=True):
                cells[(condition, seed)] = np.ascontiguousarray(block, "<f8").tobytes()
    parts = {}
    for condition, seed in sorted(cells):
        judged = condition.setting == "parts" and condition.method in METHODS
        name = condition.feedback if judged else condition.method
        part = parts.setdefault(f"{condition.setting}/{name}", hashlib.sha256())
        part.update(f"{condition.feedback}/{condition.noise!r}/{seed}".encode())
        part.update(cells[(condition, seed)])
    found = {name: part.hexdigest()[:16] for name, part in parts.items()}
    named, others = (
        {name: part for name, part in found.items() if name.startswith(_OTHERS) == other}
        for other in (False, True)
    )
    text = json.dumps([PAPER, named])
    return {"digest": hashlib.sha256(text.encode()).hexdigest(), "parts": named, "others": others}


def main() -> None:
    """Print the digest, or write it beside the study."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help=f"write {DIGEST.name}")
    update = parser.parse_args().update
    with tempfile.TemporaryDirectory() as folder:
        found = digest(train_all(golden_study(), Path(folder)))
    if update:
        DIGEST.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        print(f"{DIGEST.name} written: CHANGELOG.md must say why, and name {found['digest'][:12]}")
    else:
        print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
