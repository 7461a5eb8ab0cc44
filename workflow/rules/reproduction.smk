# The reproduction paper, from the reports as they are: `snakemake -- reproduction`.
from sdposim.workflow.reproduction import Reproduction

REPRODUCTION = Reproduction(ARTEFACTS, TARGETS)
TARGETS["reproduction"] = REPRODUCTION.target()


rule reproduction:
    """The reproduction paper and its record."""
    input:
        TARGETS["reproduction"].files,
        TARGETS["reproduction"].record,


rule reproduction_paper:
    """Fill the paper in from the reports as they are, as Markdown and PDF."""
    input:
        # Nothing of what it reads, or Snakemake would make that first: see `Reproduction`.
        begun,
    output:
        TARGETS["reproduction"].files,
        receipt=TARGETS["reproduction"].receipt,
    log:
        "results/joblogs/reproduction.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: asked(REPRODUCTION.spec),
    # Through a pipe, because the spec can be longer than a command line.
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim reproduction"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
