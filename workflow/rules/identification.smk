# Which program drew the paper's landscapes: `snakemake -- identification`.


wildcard_constraints:
    group="plain|others",


rule identification:
    input:
        IDENTIFICATION_FILES,
        # A clone has the reports but not these, and so computes them.
        identifying.SCORES,
        identifying.refined(IDENTIFICATION),
        identifying.FIGURE6,


rule identification_landscapes:
    input:
        kernel=ancient(KERNEL),
    output:
        runs="results/identification/landscapes/{group}/seeds={first}-{last}.parquet",
    log:
        "results/joblogs/identification/landscapes/{group}/seeds={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: identification_spec(
            "landscapes",
            group=wildcards.group,
            first=int(wildcards.first),
            last=int(wildcards.last),
            runs=IDENTIFICATION["runs"],
            **identification_runs(),
        ),
    shell:
        "python -m sdposim identification-landscapes --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.runs:q} > {log:q} 2>&1"


rule identification_sensitivity:
    input:
        kernel=ancient(KERNEL),
    output:
        sample="results/identification/sensitivity/seeds={first}-{last}.parquet",
    log:
        "results/joblogs/identification/sensitivity/seeds={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: identification_spec(
            "sensitivity",
            first=int(wildcards.first),
            last=int(wildcards.last),
            **identification_runs(),
        ),
    shell:
        "python -m sdposim identification-sensitivity --kernel {input.kernel:q} --spec {params.spec:q}"
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
        spec=lambda wildcards: identification_spec(
            "scores", *SEARCH_KEYS, published=identification_published("tables")
        ),
    shell:
        "python -m sdposim identification-scores --spec {params.spec:q}"
        " --output {output.scores:q} > {log:q} 2>&1"


rule identification_refined:
    input:
        identifying.SCORES,
        identifying.sensitivity(IDENTIFICATION),
        kernel=ancient(KERNEL),
    output:
        fits="results/identification/refined/ranks={first}-{last}.parquet",
    log:
        "results/joblogs/identification/refined/ranks={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: identification_spec(
            "refined",
            *SEARCH_KEYS,
            "refined",
            published=identification_published("tables"),
            first=int(wildcards.first),
            last=int(wildcards.last),
            runs=IDENTIFICATION["refined_runs"],
            **identification_runs(),
        ),
    shell:
        "python -m sdposim identification-refined --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.fits:q} > {log:q} 2>&1"


rule identification_figure6:
    input:
        identifying.refined(IDENTIFICATION),
        kernel=ancient(KERNEL),
    output:
        rewards=identifying.FIGURE6,
    log:
        "results/joblogs/identification/figure6.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: identification_spec(
            "figure6",
            "refined",
            draws=IDENTIFICATION["draws"],
            pool=IDENTIFICATION["pool"],
            **identification_runs(),
        ),
    shell:
        "python -m sdposim identification-figure6 --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.rewards:q} > {log:q} 2>&1"


rule identification_report:
    input:
        identifying.SCORES,
        identifying.refined(IDENTIFICATION),
        identifying.FIGURE6,
    output:
        IDENTIFICATION_FILES,
    log:
        "results/joblogs/identification/report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: identification_spec(
            "report",
            *SEARCH_KEYS,
            "refined",
            "refined_runs",
            "draws",
            "pool",
            figure6=identification_published("figure6"),
        ),
    shell:
        "python -m sdposim identification-report --spec {params.spec:q} > {log:q} 2>&1"
