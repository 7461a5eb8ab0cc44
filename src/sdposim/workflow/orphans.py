"""Files of earlier configurations that the present one does not want."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from sdposim.audit.claims import read_claims
from sdposim.audit.rulebooks import RULEBOOKS, Rulebook
from sdposim.calibration import files as calibration
from sdposim.calibration.readings import READINGS
from sdposim.model.kernel import kernel_digest
from sdposim.report.calibration import outputs
from sdposim.workflow import pages
from sdposim.workflow.artefacts import Artefacts
from sdposim.workflow.configuration.models import Config
from sdposim.workflow.explorer import NAME as EXPLORER
from sdposim.workflow.reproduction import NAME as REPRODUCTION

_LOG = r"[a-z0-9_-]+/[a-z0-9_-]+/[a-z0-9_-]+/noise=[0-9.e+-]+/seeds=[0-9]+-[0-9]+"
_NAME = r"[a-z0-9_-]+"
_AUDITS = "|".join(RULEBOOKS)
OURS = re.compile(
    "|".join(
        [
            rf"results/logs/{_LOG}\.parquet",
            rf"results/policies/{_NAME}/{_LOG}\.parquet",
            rf"results/joblogs/train/{_LOG}\.log",
            rf"results/joblogs/policies/{_NAME}/{_LOG}\.log",
            rf"results/benchmarks/train/{_LOG}\.tsv",
            rf"results/summaries/{_NAME}/(cells|curves|exact)\.parquet",
            rf"results/provenance/(targets/)?{_NAME}\.json",
            r"results/kernels/[0-9a-f]{16}\.json",
            rf"results/receipts/(tables|figures|mechanisms|testbed|targets)/{_NAME}\.json",
            rf"results/joblogs/(summarise|exact|provenance(/targets)?|tables|figures|mechanisms|testbed)/{_NAME}\.log",
            rf"reports/tables/{_NAME}\.(csv|md|tex)",
            rf"reports/figures/{_NAME}\.(png|pdf|svg|csv)",
            rf"reports/(mechanisms|testbed)/{_NAME}\.(md|png|pdf|svg|csv)",
            r"results/identification/(scores|figure6)\.parquet",
            r"results/identification/(landscapes/[a-z]+|sensitivity)/seeds=[0-9]+-[0-9]+\.parquet",
            r"results/identification/refined/ranks=[0-9]+-[0-9]+\.parquet",
            r"results/joblogs/identification/[a-z0-9_=/-]+\.log",
            r"results/joint_fit/(fitted|candidates|preset)\.parquet",
            r"results/joint_fit/readings/readings=[0-9]+-[0-9]+\.parquet",
            r"results/joint_fit/left_out/[a-z]+[0-9.]+\.parquet",
            r"results/joint_fit/papers/papers=[0-9]+-[0-9]+\.parquet",
            r"results/joint_fit/posteriors/[a-z]+\.parquet",
            r"results/joint_fit/synthetic/paper=[0-9]+\.parquet",
            r"results/joblogs/joint_fit/[a-z0-9_=./-]+\.log",
            rf"{pages.FOLDER}/{_NAME}\.html",
            rf"results/({_AUDITS})/[A-Za-z0-9_-]+\.parquet",
            rf"results/joblogs/({_AUDITS})/[A-Za-z0-9_-]+\.log",
        ]
    )
)
"""The files that rules write once per job, study or artefact; nothing else is ever an orphan."""
TEMPORARY = re.compile(r"\..+\.[0-9]+\.tmp|.+\.parquet\.set-aside")
FOLDERS = ("results", "reports/tables", "reports/figures", "reports/mechanisms", "reports/testbed")


@dataclass
class Orphans:
    """What was found below a working directory, as sorted relative paths.

    Attributes:
        files: files that no job of the configuration writes.
        temporary: files that never became complete, because a job was killed, and files that were
            set aside because they were damaged.
        caches: folders of kernels compiled from other sources or versions.
        left: files of other kinds and links, which are never removed.
    """

    files: list[str] = field(default_factory=list)
    temporary: list[str] = field(default_factory=list)
    caches: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def wanted(config: Config) -> set[str]:
    """Every file that the jobs of a configuration write below `FOLDERS`."""
    files = Artefacts(config, ()).written()
    files |= {f"results/joblogs/{rule}.log" for rule in ("compile_kernel", "comparison", "crate")}
    files |= {f"results/kernels/{kernel_digest()}.json", "results/receipts/comparison.json"}
    files |= {page.path for page in pages.listed(config)} | {pages.RECEIPT, pages.LOG}
    files |= {"results/explorer/kernel.wasm"}
    files |= {f"results/joblogs/explorer/{job}.log" for job in ("kernel", "page")}
    files |= identification_files(config.identification.model_dump())
    files |= joint_fit_files(config.joint_fit.model_dump())
    files |= {f"results/joblogs/{REPRODUCTION}.log"}
    for target in (REPRODUCTION, EXPLORER):
        files |= {f"results/{kind}/targets/{target}.json" for kind in ("receipts", "provenance")}
        files |= {f"results/joblogs/provenance/targets/{target}.log"}
    return files.union(*map(audit_files, RULEBOOKS.values()))


def audit_files(audit: Rulebook) -> set[str]:
    """Every file of an audit below `FOLDERS`, but for what it has trained."""
    claims = read_claims(audit.path).claims
    judged = [name for name, claim in claims.items() if claim.tests]
    files = {path for path in audit.files if path.startswith(FOLDERS)}
    files |= {f"results/receipts/targets/{audit.name}.json"}
    files |= {f"results/provenance/targets/{audit.name}.json"}
    files |= {f"results/joblogs/provenance/targets/{audit.name}.log"}
    files |= {audit.log(job) for job in [*judged, "report"]}
    return files | {audit.evidence(name) for name in judged}


def identification_files(options: dict) -> set[str]:
    """Every file of the identification below `FOLDERS`."""
    logged = _with_logs("identification", calibration.identification(options), "report")
    return logged | _shown("identification")


def joint_fit_files(options: dict) -> set[str]:
    """Every file of the joint fit and its check below `FOLDERS`."""
    made = calibration.joint_fit(options, len(READINGS))
    logged = _with_logs("joint_fit", made, "report", "check_report")
    return logged | _shown("joint_fit") | _shown("joint_fit_check")


def _with_logs(folder: str, made: Iterable[str], *others: str) -> set[str]:
    """Files that each have a rule's log, with these logs and other rules'."""
    logs = {
        path.replace("results/", "results/joblogs/", 1).replace(".parquet", ".log") for path in made
    }
    return {*made, *logs, *(f"results/joblogs/{folder}/{name}.log" for name in others)}


def _shown(target: str) -> set[str]:
    """What a target's report leaves below `FOLDERS`: figures, receipt, record and its log."""
    return {
        *(f"reports/figures/{name}" for name in outputs.figure_files(target)),
        f"results/receipts/targets/{target}.json",
        f"results/provenance/targets/{target}.json",
        f"results/joblogs/provenance/targets/{target}.log",
    }


def find(config: Config, root: str | Path = ".") -> Orphans:
    """Look below `root` for what the configuration does not want; links are not followed."""
    root, result, keep = Path(root), Orphans(), wanted(config)
    for folder in FOLDERS:
        if (root / folder).is_symlink():
            result.left.append(folder)
            continue
        for directory, names, files in os.walk(root / folder):
            # A crate is a copy with files of every kind; `snakemake crate` replaces it as a whole.
            if Path(directory) == root / "results":
                names[:] = [name for name in names if name != "crate"]
            links = [name for name in names if (Path(directory) / name).is_symlink()]
            for name in files + links:
                path = Path(directory) / name
                relative = path.relative_to(root).as_posix()
                if relative in keep and not path.is_symlink():
                    continue
                if path.is_symlink() or not path.is_file():
                    result.left.append(relative)
                elif TEMPORARY.fullmatch(name):
                    result.temporary.append(relative)
                elif OURS.fullmatch(relative):
                    result.files.append(relative)
                else:
                    result.left.append(relative)
    result.caches = _caches(root)
    for paths in vars(result).values():
        paths.sort()
    return result


def _caches(root: Path) -> list[str]:
    """Only folders named by a digest, only below `root`: other checkouts may share other caches."""
    current, folder = {kernel_digest(), kernel_digest(whole=True)}, root / ".cache" / "numba"
    if folder.is_symlink() or not folder.is_dir():
        return []
    return [
        path.relative_to(root).as_posix()
        for path in folder.iterdir()
        if re.fullmatch(r"[0-9a-f]{16}", path.name)
        and path.name not in current
        and path.is_dir()
        and not path.is_symlink()
    ]
