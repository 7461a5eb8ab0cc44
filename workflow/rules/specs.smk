# What is made of the configuration, and what each job depends on besides its input files.
from functools import cache

from sdposim.storage.seal import identity
from sdposim.workflow.artefacts import FIGURE_PACKAGES, Artefacts
from sdposim.workflow.targets import Target

KERNEL_DIGEST = kernel.kernel_digest()
# The paper's; that of all parts is compiled by the first job that needs it.
# Only says that there is a kernel: machine code is in the cache, as results may come from a stranger.
# No job has it as input, for Snakemake would run all of them again when its path changes, and, were
# it `ancient` and made again, none of them, even those that must. A job waits for whoever compiles.
KERNEL = f"results/kernels/{KERNEL_DIGEST}.json"
# It takes as long to find out as a few cells to train, and cannot be a parameter of the jobs.
os.environ.update(
    SDPOSIM_KERNEL=KERNEL_DIGEST,
    SDPOSIM_WHOLE_KERNEL=kernel.kernel_digest(whole=True),
)
ARTEFACTS = Artefacts(CONFIG, PUBLISHED)
# Targets that are no study, by name.
TARGETS = {}
CRATE_DIGEST = digest("sdposim.commands.crate", packages=("rocrate",))
CRATE_SOURCES = sorted(
    os.path.relpath(path)
    for pattern in (
        "Snakefile",
        "workflow/Snakefile",
        "workflow/rules/*.smk",
        "config/*.yaml",
        "config/paper/*",
        "envs/requirements.lock",
    )
    for path in ROOT.glob(pattern)
)


def asked(answer, *names):
    """What a rule asks for.

    The run ends where the configuration has no such file. Snakemake would print an exception with
    its traceback, and look for other rules.
    """
    try:
        return answer(*names)
    except UserError as error:
        sys.exit(f"error: {error}")


def made(kind, name):
    return asked(ARTEFACTS.of, kind, name)


CELLS = "{w.setting}/{w.method}/{w.feedback}/noise={w.noise}/seeds={w.seeds}.parquet"


def training_spec(wildcards):
    path = f"results/logs/{CELLS}".format(w=wildcards)
    return asked(ARTEFACTS.training_spec, path)


def policies_spec(wildcards):
    path = f"results/policies/{{w.study}}/{CELLS}".format(w=wildcards)
    return asked(ARTEFACTS.policies_spec, path)


def sealed_spec(name, pattern, wildcards):
    """The spec of the job that makes a file of a target, as a rule's output calls it.

    Not from the output itself: Snakemake does not rerun a job whose parameters depend on that.
    """
    return asked(TARGETS[name].sealed_spec, pattern.format(**dict(wildcards.items())))
