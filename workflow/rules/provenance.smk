# Where every file comes from: one record per study and target, and an RO-Crate of the run.


rule provenance:
    """The record of a study: what each file was made from, by what code."""
    input:
        lambda wildcards: made("records", wildcards.study).inputs,
    output:
        record="results/provenance/{study}.json",
    log:
        "results/joblogs/provenance/{study}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: made("records", wildcards.study).spec,
    # Through a pipe, because the spec can be longer than a command line.
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim provenance"
        " --output {output.record:q} > {log:q} 2>&1"


rule provenance_target:
    """The record of another target, such as the claims."""
    input:
        lambda wildcards: [
            *TARGETS[wildcards.target].sealed,
            *TARGETS[wildcards.target].files,
            TARGETS[wildcards.target].receipt,
        ],
    output:
        record="results/provenance/targets/{target}.json",
    log:
        "results/joblogs/provenance/targets/{target}.log",
    wildcard_constraints:
        target="|".join(TARGETS),
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: TARGETS[wildcards.target].spec(),
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim provenance"
        " --output {output.record:q} > {log:q} 2>&1"


rule crate:
    """Everything as an RO-Crate, to be published."""
    input:
        CRATE_SOURCES,
        records=expand("results/provenance/{study}.json", study=CONFIG.run),
    output:
        folder=directory("results/crate"),
    log:
        "results/joblogs/crate.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=plan.canonical(
            {
                "records": [f"results/provenance/{study}.json" for study in CONFIG.run],
                "sources": CRATE_SOURCES,
                "configuration": CONFIG.model_dump(),
                "digest": CRATE_DIGEST,
            }
        ),
    # Through a pipe, because the spec is longer than a command line may be.
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim crate"
        " --output {output.folder:q} > {log:q} 2>&1"
