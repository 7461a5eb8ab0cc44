# Which program drew the paper's landscapes: `snakemake -- identification`.


wildcard_constraints:
    group="plain|others",


rule identification:
    input:
        IDENTIFICATION_FILES,
        # A clone has the reports but not these, and so computes them.
        identifying.SCORES,
        list(identifying.refined(IDENTIFICATION)),
        identifying.FIGURE6,
        TARGETS["identification"].record,


rule identification_landscapes:
    input:
        begun,
    output:
        runs="results/identification/landscapes/{group}/seeds={first}-{last}.parquet",
    log:
        "results/joblogs/identification/landscapes/{group}/seeds={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec(
            "identification",
            "results/identification/landscapes/{group}/seeds={first}-{last}.parquet",
            wildcards,
        ),
    shell:
        "python -m sdposim identification-landscapes --spec {params.spec:q}"
        " --output {output.runs:q} > {log:q} 2>&1"


rule identification_sensitivity:
    input:
        begun,
    output:
        sample="results/identification/sensitivity/seeds={first}-{last}.parquet",
    log:
        "results/joblogs/identification/sensitivity/seeds={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec(
            "identification",
            "results/identification/sensitivity/seeds={first}-{last}.parquet",
            wildcards,
        ),
    shell:
        "python -m sdposim identification-sensitivity --spec {params.spec:q}"
        " --output {output.sample:q} > {log:q} 2>&1"


rule identification_scores:
    input:
        identifying.searched(IDENTIFICATION),
    output:
        scores=identifying.SCORES,
    log:
        "results/joblogs/identification/scores.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec("identification", identifying.SCORES, wildcards),
    shell:
        "python -m sdposim identification-scores --spec {params.spec:q}"
        " --output {output.scores:q} > {log:q} 2>&1"


rule identification_refined:
    input:
        identifying.SCORES,
        list(identifying.sensitivity(IDENTIFICATION)),
        begun,
    output:
        fits="results/identification/refined/ranks={first}-{last}.parquet",
    log:
        "results/joblogs/identification/refined/ranks={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec(
            "identification",
            "results/identification/refined/ranks={first}-{last}.parquet",
            wildcards,
        ),
    shell:
        "python -m sdposim identification-refined --spec {params.spec:q}"
        " --output {output.fits:q} > {log:q} 2>&1"


rule identification_figure6:
    input:
        list(identifying.refined(IDENTIFICATION)),
        begun,
    output:
        rewards=identifying.FIGURE6,
    log:
        "results/joblogs/identification/figure6.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec("identification", identifying.FIGURE6, wildcards),
    shell:
        "python -m sdposim identification-figure6 --spec {params.spec:q}"
        " --output {output.rewards:q} > {log:q} 2>&1"


rule identification_report:
    input:
        identifying.SCORES,
        list(identifying.refined(IDENTIFICATION)),
        identifying.FIGURE6,
    output:
        IDENTIFICATION_FILES,
        receipt=TARGETS["identification"].receipt,
    log:
        "results/joblogs/identification/report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: identification_report(),
    shell:
        "python -m sdposim identification-report --spec {params.spec:q}"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
