# The paper's open settings from all of its numbers: `snakemake -- joint_fit`.


wildcard_constraints:
    source=r"[a-z]+[0-9.]+",
    numbers="[a-z]+",
    paper="[0-9]+",


rule joint_fit:
    input:
        JOINT_FIT_FILES,
        # A clone has the reports but not these, and so computes them.
        joint.FITTED,
        list(JOINT_FIT_READINGS),
        list(joint.left_out()),
        JOINT_FIT_POSTERIORS,
        joint.CANDIDATES,
        joint.PRESET,
        TARGETS["joint_fit"].record,


rule joint_fit_check:
    input:
        JOINT_FIT_CHECK_FILES,
        list(JOINT_FIT_SYNTHETIC),
        TARGETS["joint_fit_check"].record,


rule joint_fit_fitted:
    input:
        begun,
    output:
        fit=joint.FITTED,
    log:
        "results/joblogs/joint_fit/fitted.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec("joint_fit", joint.FITTED, wildcards),
    shell:
        "python -m sdposim joint-fit-fitted --spec {params.spec:q}"
        " --output {output.fit:q} > {log:q} 2>&1"


rule joint_fit_readings:
    input:
        joint.FITTED,
        begun,
    output:
        fits="results/joint_fit/readings/readings={first}-{last}.parquet",
    log:
        "results/joblogs/joint_fit/readings/readings={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec(
            "joint_fit", "results/joint_fit/readings/readings={first}-{last}.parquet", wildcards
        ),
    shell:
        "python -m sdposim joint-fit-readings --spec {params.spec:q}"
        " --output {output.fits:q} > {log:q} 2>&1"


rule joint_fit_left_out:
    input:
        joint.FITTED,
        begun,
    output:
        predictions="results/joint_fit/left_out/{source}.parquet",
    log:
        "results/joblogs/joint_fit/left_out/{source}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec(
            "joint_fit", "results/joint_fit/left_out/{source}.parquet", wildcards
        ),
    shell:
        "python -m sdposim joint-fit-left-out --spec {params.spec:q}"
        " --output {output.predictions:q} > {log:q} 2>&1"


rule joint_fit_papers:
    input:
        begun,
    output:
        papers="results/joint_fit/papers/papers={first}-{last}.parquet",
    log:
        "results/joblogs/joint_fit/papers/papers={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec(
            "joint_fit", "results/joint_fit/papers/papers={first}-{last}.parquet", wildcards
        ),
    shell:
        "python -m sdposim joint-fit-papers --spec {params.spec:q}"
        " --output {output.papers:q} > {log:q} 2>&1"


rule joint_fit_posterior:
    input:
        list(JOINT_FIT_PAPERS),
        begun,
    output:
        draws="results/joint_fit/posteriors/{numbers}.parquet",
    log:
        "results/joblogs/joint_fit/posteriors/{numbers}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec(
            "joint_fit", "results/joint_fit/posteriors/{numbers}.parquet", wildcards
        ),
    shell:
        "python -m sdposim joint-fit-posterior --spec {params.spec:q}"
        " --output {output.draws:q} > {log:q} 2>&1"


rule joint_fit_synthetic:
    input:
        list(JOINT_FIT_PAPERS),
        begun,
    output:
        found="results/joint_fit/synthetic/paper={paper}.parquet",
    log:
        "results/joblogs/joint_fit/synthetic/paper={paper}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec(
            "joint_fit_check", "results/joint_fit/synthetic/paper={paper}.parquet", wildcards
        ),
    shell:
        "python -m sdposim joint-fit-synthetic --spec {params.spec:q}"
        " --output {output.found:q} > {log:q} 2>&1"


rule joint_fit_candidates:
    input:
        joint.FITTED,
        begun,
    output:
        candidates=joint.CANDIDATES,
    log:
        "results/joblogs/joint_fit/candidates.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec("joint_fit", joint.CANDIDATES, wildcards),
    shell:
        "python -m sdposim joint-fit-candidates --spec {params.spec:q}"
        " --output {output.candidates:q} > {log:q} 2>&1"


rule joint_fit_preset:
    input:
        joint.CANDIDATES,
        begun,
    output:
        preset=joint.PRESET,
    log:
        "results/joblogs/joint_fit/preset.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec("joint_fit", joint.PRESET, wildcards),
    shell:
        "python -m sdposim joint-fit-preset --spec {params.spec:q}"
        " --output {output.preset:q} > {log:q} 2>&1"


rule joint_fit_report:
    input:
        joint.FITTED,
        list(JOINT_FIT_READINGS),
        list(joint.left_out()),
        JOINT_FIT_POSTERIORS,
        joint.CANDIDATES,
        joint.PRESET,
    output:
        JOINT_FIT_FILES,
        receipt=TARGETS["joint_fit"].receipt,
    log:
        "results/joblogs/joint_fit/report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_report(),
    shell:
        "python -m sdposim joint-fit-report --spec {params.spec:q}"
        " --receipt {output.receipt:q} > {log:q} 2>&1"


rule joint_fit_check_report:
    input:
        list(JOINT_FIT_SYNTHETIC),
    output:
        JOINT_FIT_CHECK_FILES,
        receipt=TARGETS["joint_fit_check"].receipt,
    log:
        "results/joblogs/joint_fit/check_report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_check_report(),
    shell:
        "python -m sdposim joint-fit-check-report --spec {params.spec:q}"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
