# Which program drew the paper's landscapes: `snakemake -- identification`.


wildcard_constraints:
    group="plain|others",


rule identification:
    """Which program drew the paper's landscapes: the report and all that it needs."""
    input:
        CALIBRATION_FILES["identification"],
        # A clone has the reports but not these, and so computes them.
        calibrating.SCORES,
        list(calibrating.refined(IDENTIFICATION)),
        calibrating.FIGURE6,
        TARGETS["identification"].record,


rule identification_landscapes:
    """Draw landscapes as a program would, seed by seed, and run the methods on each."""
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
        "python -m sdposim calibration landscapes --spec {params.spec:q}"
        " --output {output.runs:q} > {log:q} 2>&1"


rule identification_sensitivity:
    """Run many settings on landscapes of this project's own: how the numbers change with them."""
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
        "python -m sdposim calibration sensitivity --spec {params.spec:q}"
        " --output {output.sample:q} > {log:q} 2>&1"


rule identification_scores:
    """How likely each landscape is, whatever the open settings."""
    input:
        calibrating.searched(IDENTIFICATION),
    output:
        scores=calibrating.SCORES,
    log:
        "results/joblogs/identification/scores.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec("identification", calibrating.SCORES, wildcards),
    shell:
        "python -m sdposim calibration scores --spec {params.spec:q}"
        " --output {output.scores:q} > {log:q} 2>&1"


rule identification_refined:
    """The best landscapes again, each with its own derivatives and best settings."""
    input:
        calibrating.SCORES,
        list(calibrating.sensitivity(IDENTIFICATION)),
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
        "python -m sdposim calibration refined --spec {params.spec:q}"
        " --output {output.fits:q} > {log:q} 2>&1"


rule identification_figure6:
    """Lists of five seeds against figure 6."""
    input:
        list(calibrating.refined(IDENTIFICATION)),
        begun,
    output:
        rewards=calibrating.FIGURE6,
    log:
        "results/joblogs/identification/figure6.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec("identification", calibrating.FIGURE6, wildcards),
    shell:
        "python -m sdposim calibration figure6 --spec {params.spec:q}"
        " --output {output.rewards:q} > {log:q} 2>&1"


rule identification_report:
    """Write the identification's page, tables and figures."""
    input:
        calibrating.SCORES,
        list(calibrating.refined(IDENTIFICATION)),
        calibrating.FIGURE6,
    output:
        CALIBRATION_FILES["identification"],
        receipt=TARGETS["identification"].receipt,
    log:
        "results/joblogs/identification/report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: identification_report(),
    shell:
        "python -m sdposim calibration identification --spec {params.spec:q}"
        " --output {output.receipt:q} > {log:q} 2>&1"
