# Summaries: final values per cell and curves per condition of a study.


rule summarise:
    """Summarise a study's logs: each cell's final values, and curves."""
    input:
        logs=lambda wildcards: made("summaries", wildcards.study).inputs,
    output:
        cells="results/summaries/{study}/cells.parquet",
        curves="results/summaries/{study}/curves.parquet",
    log:
        "results/joblogs/summarise/{study}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: made("summaries", wildcards.study).spec,
    # Through a pipe, because the list of logs can be longer than a command line.
    shell:
        "printf '%s\\n' {params.spec:q} {input.logs:q} | python -m sdposim summarise"
        " --cells {output.cells:q} --curves {output.curves:q} > {log:q} 2>&1"


rule exact:
    """What kept policies are worth, by all sequences."""
    input:
        policies=lambda wildcards: made("exact", wildcards.study).inputs,
    output:
        exact="results/summaries/{study}/exact.parquet",
    log:
        "results/joblogs/exact/{study}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: made("exact", wildcards.study).spec,
    shell:
        "printf '%s\\n' {params.spec:q} {input.policies:q} | python -m sdposim exact"
        " --output {output.exact:q} > {log:q} 2>&1"
