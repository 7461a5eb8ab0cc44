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
        JOINT_FIT_READINGS,
        joint.left_out(),
        JOINT_FIT_POSTERIORS,
        joint.CANDIDATES,
        joint.PRESET,


rule joint_fit_check:
    input:
        JOINT_FIT_CHECK_FILES,
        JOINT_FIT_SYNTHETIC,


rule joint_fit_fitted:
    input:
        kernel=ancient(KERNEL),
    output:
        fit=joint.FITTED,
    log:
        "results/joblogs/joint_fit/fitted.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_runs("fitted"),
    shell:
        "python -m sdposim joint-fit-fitted --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.fit:q} > {log:q} 2>&1"


rule joint_fit_readings:
    input:
        joint.FITTED,
        kernel=ancient(KERNEL),
    output:
        fits="results/joint_fit/readings/readings={first}-{last}.parquet",
    log:
        "results/joblogs/joint_fit/readings/readings={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_runs(
            "readings", first=int(wildcards.first), last=int(wildcards.last)
        ),
    shell:
        "python -m sdposim joint-fit-readings --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.fits:q} > {log:q} 2>&1"


rule joint_fit_left_out:
    input:
        joint.FITTED,
        kernel=ancient(KERNEL),
    output:
        predictions="results/joint_fit/left_out/{source}.parquet",
    log:
        "results/joblogs/joint_fit/left_out/{source}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_runs("left_out", "draws", left_out=wildcards.source),
    shell:
        "python -m sdposim joint-fit-left-out --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.predictions:q} > {log:q} 2>&1"


rule joint_fit_papers:
    input:
        kernel=ancient(KERNEL),
    output:
        papers="results/joint_fit/papers/papers={first}-{last}.parquet",
    log:
        "results/joblogs/joint_fit/papers/papers={first}-{last}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_spec(
            "papers",
            first=int(wildcards.first),
            last=int(wildcards.last),
            **identification_runs(),
        ),
    shell:
        "python -m sdposim joint-fit-papers --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.papers:q} > {log:q} 2>&1"


rule joint_fit_posterior:
    input:
        JOINT_FIT_PAPERS,
        kernel=ancient(KERNEL),
    output:
        draws="results/joint_fit/posteriors/{numbers}.parquet",
    log:
        "results/joblogs/joint_fit/posteriors/{numbers}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_inference("posterior", numbers=wildcards.numbers),
    shell:
        "python -m sdposim joint-fit-posterior --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.draws:q} > {log:q} 2>&1"


rule joint_fit_synthetic:
    input:
        JOINT_FIT_PAPERS,
        kernel=ancient(KERNEL),
    output:
        found="results/joint_fit/synthetic/paper={paper}.parquet",
    log:
        "results/joblogs/joint_fit/synthetic/paper={paper}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_inference("synthetic", paper=int(wildcards.paper)),
    shell:
        "python -m sdposim joint-fit-synthetic --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.found:q} > {log:q} 2>&1"


rule joint_fit_candidates:
    input:
        joint.FITTED,
        kernel=ancient(KERNEL),
    output:
        candidates=joint.CANDIDATES,
    log:
        "results/joblogs/joint_fit/candidates.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_runs("candidates"),
    shell:
        "python -m sdposim joint-fit-candidates --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.candidates:q} > {log:q} 2>&1"


rule joint_fit_preset:
    input:
        joint.CANDIDATES,
        kernel=ancient(KERNEL),
    output:
        preset=joint.PRESET,
    log:
        "results/joblogs/joint_fit/preset.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_runs("preset"),
    shell:
        "python -m sdposim joint-fit-preset --kernel {input.kernel:q} --spec {params.spec:q}"
        " --output {output.preset:q} > {log:q} 2>&1"


rule joint_fit_report:
    input:
        joint.FITTED,
        JOINT_FIT_READINGS,
        joint.left_out(),
        JOINT_FIT_POSTERIORS,
        joint.CANDIDATES,
        joint.PRESET,
    output:
        JOINT_FIT_FILES,
    log:
        "results/joblogs/joint_fit/report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_spec(
            "report",
            options={key: JOINT_FIT[key] for key in ("runs", "papers")},
            weights=joint_fit_published(joint_fit_weights),
        ),
    shell:
        "python -m sdposim joint-fit-report --spec {params.spec:q} > {log:q} 2>&1"


rule joint_fit_check_report:
    input:
        JOINT_FIT_SYNTHETIC,
    output:
        JOINT_FIT_CHECK_FILES,
    log:
        "results/joblogs/joint_fit/check_report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_spec(
            "check_report", options={"synthetic": JOINT_FIT["synthetic"]}
        ),
    shell:
        "python -m sdposim joint-fit-check-report --spec {params.spec:q} > {log:q} 2>&1"
