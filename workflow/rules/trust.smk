# Files that Snakemake has no record of, such as those copied from another machine.
#
# Snakemake takes them for up to date, whatever the configuration says now. So each is asked itself
# what it was made from: by its seal, or by the record of its study.
from base64 import urlsafe_b64decode

from sdposim.files import full_disks


def recorded():
    """The files that Snakemake has records of, which are named by their paths in base64."""
    folder = Path(".snakemake/metadata")
    return {
        urlsafe_b64decode("".join(path.relative_to(folder).parts).replace("@", "")).decode()
        for path in folder.glob("**/*")
        # A full disk leaves empty ones.
        if path.is_file() and path.stat().st_size
    }


def outdated_parquet(unknown):
    """Logs and summaries that were made from something else, or are cut short."""
    wanted = {}
    for path, job in TRAINING.items():
        if unknown(path):
            wanted[path] = plan.log_identity(CONFIG, job, TRAINING_DIGEST)
    for study in CONFIG.studies:
        for part in ("cells", "curves"):
            path = f"results/summaries/{study}/{part}.parquet"
            if unknown(path):
                wanted[path] = summary_identity(study)
    return [path for path, made_from in wanted.items() if read_identity(path) != made_from]


def unrecorded_reports(unknown):
    """Tables and figures that no record says were made from what the configuration wants."""
    found = []
    for study in CONFIG.run:
        for name, made in study_artefacts(study).items():
            files = list(filter(unknown, made["files"]))
            if files and name != "summary":
                found += unrecorded(f"results/provenance/{study}.json", files, made["spec"])
    return found


def distrust():
    """Make Snakemake see which of the files that it has no record of are outdated."""
    known = recorded()

    def unknown(path):
        return path not in known and Path(path).exists()

    outdated = outdated_parquet(unknown)
    if outdated:
        print(
            f"{len(outdated)} files in results/ were made from other settings or code, or are"
            f" damaged, such as {outdated[0]}: a run renames them to *.set-aside and makes them"
            " again",
            file=sys.stderr,
        )
    if workflow.dryrun:
        return
    for path in outdated:
        Path(path).rename(f"{path}.set-aside")
    for path in unrecorded_reports(unknown):
        # Older than what it is made from; not 0, which Snakemake takes for no time at all.
        os.utime(path, (1, 1))


onerror:
    # On a full disk a job cannot even write the reason into its log.
    for problem in full_disks("results", "reports", ".snakemake"):
        print(f"error: {problem}", file=sys.stderr)


if workflow.is_main_process:
    distrust()
