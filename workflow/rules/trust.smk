# Which files Snakemake must not believe, and the lock of a run.
#
# Snakemake takes a file that it has no record of, such as one copied from another machine, for up to
# date, whatever the configuration says now; and it takes an edited report for a result. So logs and
# summaries are asked by their seal what they were made from, and reports by their receipt.
#
# Whether jobs will be run (not for -n, --lint, --summary, --report, ...) is known only when Snakemake
# builds the graph of jobs: nothing here happens while the Snakefile is parsed.
from base64 import urlsafe_b64decode
from itertools import chain
from tempfile import TemporaryDirectory

from sdposim.storage.files import full_disks
from sdposim.workflow.lock import check_writable, lock
from sdposim.storage.receipts import changed, made_from
from sdposim.storage.seal import read_identity


def executing():
    """Whether this process will run jobs, or touch their files."""
    return workflow.is_main_process and workflow.executor_plugin is not None and not workflow.dryrun


@cache
def begin():
    """Before Snakemake asks which files are up to date: the lock of a run, and what is outdated.

    Returns:
        What is held until the process ends, and the sealed files that are outdated.
    """
    held = None
    if workflow.dryrun and not os.access(".snakemake/iocache", os.W_OK):
        # Where Snakemake notes the times of files for the next run; it fails in a read-only folder.
        held = TemporaryDirectory()
        workflow.persistence.iocache_path = held.name
    if executing():
        try:
            check_writable("results", "reports")
            held = lock("another run is active in this folder: wait for it to end, or stop it")
        except UserError as error:
            sys.exit(f"error: {error}")
    outdated = outdated_parquet() if workflow.is_main_process else []
    edited = edited_reports() if workflow.is_main_process else []
    if outdated:
        print(
            f"{len(outdated)} files in results/ were made from other settings or code, or are"
            f" damaged, such as {outdated[0]}: a run that needs them renames them to *.set-aside and"
            " makes them again",
            file=sys.stderr,
        )
    if workflow.dag is not None:
        workflow.dag.forcefiles.update(outdated + edited)
    return held, outdated


def begun(wildcards):
    """An input function of a rule that is in every graph of jobs."""
    begin()
    return []


@cache
def recorded():
    """The files that Snakemake has records of, which are named by their paths in base64."""
    folder = Path(".snakemake/metadata")
    return {
        urlsafe_b64decode("".join(path.relative_to(folder).parts).replace("@", "")).decode()
        for path in folder.glob("**/*")
        # A full disk leaves empty ones.
        if path.is_file() and path.stat().st_size
    }


def unknown(path):
    """Whether a file exists that Snakemake has no record of."""
    return path not in recorded() and Path(path).exists()


def outdated_parquet():
    """Unknown sealed files that were made from something else, or are cut short."""
    wanted = {path: made_from() for path, made_from in ARTEFACTS.sealed() if unknown(path)}
    for path, made in chain.from_iterable(own.sealed.items() for own in TARGETS.values()):
        if unknown(path):
            wanted[path] = made_by(made)
    return [path for path, made_from in wanted.items() if read_identity(path) != made_from]


def made_by(made):
    """The identity of a target's file; None, which no file has, where it cannot be made.

    A published value that only this target reads may be missing: that ends no other target's run.
    """
    try:
        return identity(made())
    except (SystemExit, UserError):
        return None


def edited_reports():
    """Tables and figures whose content is not what their job wrote, or that are unknown and were
    made from something else."""
    # By receipt, as several studies have the comparison; a summary has none. Of a study that is not
    # run, a clone has reports without receipts.
    artefacts = {
        own.receipt: (own.files, lambda own=own: own.spec)
        for study in CONFIG.studies
        for own in ARTEFACTS.of_study(study).values()
        if own.receipt and (study in CONFIG.run or Path(own.receipt).exists())
    }
    # A clone has the reports of targets, and neither their receipts nor what they are made from.
    artefacts |= {
        own.receipt: (own.files, own.shown)
        for own in TARGETS.values()
        if Path(own.receipt).exists()
    }
    found = []
    for receipt_file, (files, spec) in artefacts.items():
        edited = changed(receipt_file, files)
        for path in edited if Path(receipt_file).exists() else []:
            print(f"{path} was changed since it was made: a run makes it again", file=sys.stderr)
        foreign = any(map(unknown, files))
        if edited or (foreign and not from_spec(receipt_file, spec)):
            found += files
    return found


def from_spec(receipt_file, spec):
    """Whether files were made from the spec that a function gives."""
    try:
        return made_from(receipt_file, spec())
    except (SystemExit, UserError):
        return False


onstart:
    # Another machine's results may be the only copy: those that will be made again are kept.
    if executing():
        due = {path for job in workflow.dag.needrun_jobs() for path in job.output}
        for path in filter(due.__contains__, begin()[1]):
            Path(path).rename(f"{path}.set-aside")


onerror:
    # On a full disk a job cannot even write the reason into its log.
    for problem in full_disks("results", "reports", ".snakemake"):
        print(f"error: {problem}", file=sys.stderr)
