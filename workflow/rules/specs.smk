# What each job depends on besides its input files, as one canonical JSON text.
import json
from functools import cache
from types import SimpleNamespace

from sdposim.storage.seal import identity

JOBS = plan.all_jobs(CONFIG)
KERNEL_DIGEST = kernel.kernel_digest()
# Only says that there is a kernel: machine code is in the cache, as results may come from a stranger.
# No job has it as input, for Snakemake would run all of them again when its path changes, and, were
# it `ancient` and made again, none of them, even those that must. A job waits for whoever compiles.
KERNEL = f"results/kernels/{KERNEL_DIGEST}.json"
# It takes as long to find out as a few cells to train, and cannot be a parameter of the jobs.
os.environ.update(SDPOSIM_KERNEL=KERNEL_DIGEST)
TRAINING = {job.path: job for jobs in JOBS.values() for job in jobs}
SUMMARY_DIGEST = digest("sdposim.commands.summarise", packages=("numpy", "pandas", "pyarrow"))
TABLE_DIGEST = digest("sdposim.commands.table", packages=("pandas",))
FIGURE_PACKAGES = ("matplotlib", "seaborn", "pandas")
COMPARISON_DIGEST = digest("sdposim.commands.comparison", packages=("pandas",))
# Targets that are no study, by name; see `target`.
TARGETS = {}
# Which study reproduces a table, figure or section of the paper, and all that do.
PLACES = {place: name for name in CONFIG.run for place in CONFIG.studies[name].reproduces}
COMPARED = [name for name in CONFIG.run if CONFIG.studies[name].reproduces]
COMPARISON_RECEIPT = "results/receipts/comparison.json"
PROVENANCE_DIGEST = digest("sdposim.commands.provenance", packages=("pyarrow",))
CRATE_DIGEST = digest("sdposim.commands.crate", packages=("rocrate",))
CRATE_SOURCES = sorted(
    os.path.relpath(path)
    for pattern in (
        "Snakefile",
        "workflow/rules/*.smk",
        "config/*.yaml",
        "config/paper/*",
        "envs/requirements.lock",
    )
    for path in ROOT.glob(pattern)
)


def log_identities(study):
    """What the logs of a study must say that they were made from, by path."""
    jobs = plan.study_jobs(CONFIG, study, JOBS)
    return {job.path: plan.log_identity(CONFIG, job) for job in jobs}


@cache
def summary_spec(study):
    return plan.summary_spec(CONFIG, study, SUMMARY_DIGEST, list(log_identities(study).values()))


def summary_identity(study):
    return identity(summary_spec(study))


def refuse_target(reason):
    """End the run where only the rule that asks could make a file, and the configuration has none.

    Snakemake would print an exception with its traceback, and look for another rule.
    """
    sys.exit(f"error: {reason}")


def owner(kind, name):
    """The study that a table or figure (`kind`) belongs to."""
    for study, chosen in CONFIG.studies.items():
        if name in getattr(chosen, kind):
            return study
    known = [name for chosen in CONFIG.studies.values() for name in getattr(chosen, kind)]
    refuse_target(f"no study in the configuration has {kind} {name!r}; allowed: {', '.join(known)}")


def wanted_logs():
    """Logs of the studies to run."""
    jobs = {job for study in CONFIG.run for job in plan.study_jobs(CONFIG, study, JOBS)}
    return [job.path for job in sorted(jobs)]


def wanted(kind):
    """Files of all tables or figures of the studies to run."""
    endings = {"tables": ("csv", "md", "tex"), "figures": ("png", "pdf", "svg", "csv")}[kind]
    return [
        f"reports/{kind}/{name}.{ending}"
        for study in CONFIG.run
        for name in getattr(CONFIG.studies[study], kind)
        for ending in endings
    ]


def artefact_spec(kind, name, digest, **options):
    """What a table or figure depends on besides its input, as canonical JSON."""
    study = owner(kind, name)
    artefact = getattr(CONFIG.studies[study], kind)[name]
    kinds = {"tables": demands.TABLES, "figures": demands.FIGURES}[kind]
    marked = demands.marked(kinds, artefact.kind, artefact.published, PUBLISHED)
    return plan.canonical(
        {
            "kind": artefact.kind,
            "published": published.to_rows(marked),
            "summary": summary_identity(study),
            "digest": digest,
        }
        | plan.shown_names(CONFIG, [study], drawn=kind == "figures")
        | options
    )


def training_spec(wildcards):
    path = (
        "results/logs/{w.setting}/{w.method}/{w.feedback}/noise={w.noise}/"
        "seeds={w.seeds}.parquet"
    ).format(w=wildcards)
    if path not in TRAINING:
        refuse_target(f"{path} is not a log of any study in the configuration")
    return plan.training_spec(CONFIG, TRAINING[path])


def study_logs(wildcards):
    if wildcards.study not in CONFIG.studies:
        refuse_target(
            f"{wildcards.study!r} is not a study in the configuration; allowed: "
            f"{', '.join(CONFIG.studies)}"
        )
    return [job.path for job in plan.study_jobs(CONFIG, wildcards.study, JOBS)]


def figure_spec(wildcards):
    study = CONFIG.studies[owner("figures", wildcards.figure)]
    figure = study.figures[wildcards.figure]
    landscape = CONFIG.settings[study.settings[0]].landscape
    options = {"vocabulary_size": landscape.vocabulary_size, "width": figure.width}
    if figure.kind == "landscapes":
        options |= {"landscapes": plan.listed_landscapes(landscape), "ddof": figure.ddof}
    return artefact_spec(
        "figures",
        wildcards.figure,
        digest(
            "sdposim.commands.figure",
            f"sdposim.report.figures.{figure.kind}",
            packages=FIGURE_PACKAGES,
        ),
        options=options,
    )


def comparison_spec():
    compared = [value for value in PUBLISHED if value.where in PLACES]
    return plan.canonical(
        {
            "published": published.to_rows(compared),
            "places": PLACES,
            "over_landscapes": {
                study: plan.over_landscapes(CONFIG, study)
                for study in (
                    PLACES[value.where] for value in compared if value.statistic in ("mean", "sd")
                )
            },
            "summaries": {study: summary_identity(study) for study in COMPARED},
            "digest": COMPARISON_DIGEST,
        }
        | plan.shown_names(CONFIG, COMPARED, drawn=False)
    )


def comparison_files():
    return ["reports/comparison.csv", "reports/comparison.md"] if COMPARED else []


def receipt(kind, name):
    """The receipt of a table or figure, see `sdposim.storage.receipts`."""
    return f"results/receipts/{kind}/{name}.json"


def study_artefacts(study):
    """What is made of a study's logs: inputs, files, receipt, and what else they depend on."""
    summary = f"results/summaries/{study}"
    found = {
        "summary": {
            "inputs": [job.path for job in plan.study_jobs(CONFIG, study, JOBS)],
            "files": [f"{summary}/cells.parquet", f"{summary}/curves.parquet"],
            "receipt": None,  # a summary carries a seal
            "spec": summary_spec(study),
        }
    }
    for table in CONFIG.studies[study].tables:
        found[f"table {table}"] = {
            "inputs": [f"{summary}/cells.parquet"],
            "files": [f"reports/tables/{table}.{ending}" for ending in ("csv", "md", "tex")],
            "receipt": receipt("tables", table),
            "spec": artefact_spec("tables", table, TABLE_DIGEST),
        }
    for figure in CONFIG.studies[study].figures:
        endings = ("png", "pdf", "svg", "csv")
        found[f"figure {figure}"] = {
            "inputs": [f"{summary}/cells.parquet", f"{summary}/curves.parquet"],
            "files": [f"reports/figures/{figure}.{ending}" for ending in endings],
            "receipt": receipt("figures", figure),
            "spec": figure_spec(SimpleNamespace(figure=figure)),
        }
    if study in COMPARED:
        found["comparison"] = {
            "inputs": [
                f"results/summaries/{name}/{part}.parquet"
                for name in COMPARED
                for part in ("cells", "curves")
            ],
            "files": comparison_files(),
            "receipt": COMPARISON_RECEIPT,
            "spec": comparison_spec(),
        }
    return found


def target(configuration, sealed, shown, inputs, files):
    """What is known of a target that is no study.

    Args:
        configuration: the keys that it reads.
        sealed: path of each Parquet file -> what gives the spec of its job.
        shown: gives the spec of its report.
        inputs: those of its files that the report is made from.
        files: of the report.
    """
    return SimpleNamespace(
        configuration=configuration, sealed=sealed, shown=shown, inputs=inputs, files=files
    )


def sealed_spec(name, pattern, wildcards):
    """The spec of the job that makes a file of a target, as a rule's output calls it.

    Not from the output itself: Snakemake does not rerun a job whose parameters depend on that.
    """
    path = pattern.format(**dict(wildcards.items()))
    sealed = TARGETS[name].sealed
    if path not in sealed:
        refuse_target(f"{path} is no file of `snakemake {name}` in this configuration")
    return sealed[path]()


def target_receipt(name):
    return f"results/receipts/targets/{name}.json"


def target_record(name):
    return f"results/provenance/targets/{name}.json"


def target_spec(wildcards):
    own = TARGETS[wildcards.target]
    made = {
        "inputs": own.inputs,
        "files": own.files,
        "receipt": target_receipt(wildcards.target),
        "spec": json.loads(own.shown()),
    }
    return plan.canonical(
        {
            "target": wildcards.target,
            "configuration": own.configuration,
            "logs": {},
            # Their specs are in the files; all of them would not fit on a command line.
            "sealed": {path: identity(spec()) for path, spec in own.sealed.items()},
            "artefacts": {"report": made},
            "digest": PROVENANCE_DIGEST,
        }
    )


def provenance_spec(wildcards):
    name = wildcards.study
    study = CONFIG.studies[name]
    return plan.canonical(
        {
            "study": name,
            "configuration": {
                "study": study.model_dump(),
                "settings": {key: CONFIG.settings[key].model_dump() for key in study.settings},
                "methods": {key: CONFIG.methods[key].model_dump() for key in study.methods},
                "feedbacks": {key: CONFIG.feedbacks[key].model_dump() for key in study.feedbacks},
                "analysis": CONFIG.analysis.model_dump(),
                "log_steps": CONFIG.log_steps,
            },
            "logs": log_identities(name),
            "artefacts": {
                artefact: made | {"spec": json.loads(made["spec"])}
                for artefact, made in study_artefacts(name).items()
            },
            "digest": PROVENANCE_DIGEST,
        }
    )
