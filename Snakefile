# The entry: `snakemake --cores 16` computes the studies named by `run` in config/config.yaml.
from snakemake.utils import min_version

min_version("9.19")


include: "workflow/rules/slurm.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/specs.smk"
include: "workflow/rules/trust.smk"
include: "workflow/rules/simulate.smk"
include: "workflow/rules/summarise.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/comparison.smk"
include: "workflow/rules/identification_specs.smk"
include: "workflow/rules/identification.smk"
include: "workflow/rules/joint_fit_specs.smk"
include: "workflow/rules/joint_fit.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/mechanisms.smk"
include: "workflow/rules/testbed.smk"
include: "workflow/rules/explorer.smk"
include: "workflow/rules/provenance.smk"
include: "workflow/rules/places.smk"


rule all:
    default_target: True
    input:
        KERNEL,
        # Targets too, or nobody would notice that one of them was deleted.
        ARTEFACTS.wanted(),
