# The paper's open settings from all of its numbers: `snakemake -- joint_fit`.


wildcard_constraints:
    source=r"[a-z]+[0-9.]+",
    numbers="[a-z]+",
    paper="[0-9]+",


rule joint_fit:
    """Which settings explain all published numbers: the report and all that it needs."""
    input:
        CALIBRATION_FILES["joint_fit"],
        # A clone has the reports but not these, and so computes them.
        calibrating.FITTED,
        list(JOINT_FIT_READINGS),
        list(calibrating.left_out()),
        JOINT_FIT_POSTERIORS,
        calibrating.CANDIDATES,
        calibrating.PRESET,
        TARGETS["joint_fit"].record,


rule joint_fit_check:
    """Whether the joint fit finds what is known: its report on synthetic papers."""
    input:
        CALIBRATION_FILES["joint_fit_check"],
        list(JOINT_FIT_SYNTHETIC),
        TARGETS["joint_fit_check"].record,


rule joint_fit_fitted:
    """Fit all open settings to all published numbers together."""
    input:
        begun,
    output:
        fit=calibrating.FITTED,
    log:
        "results/joblogs/joint_fit/fitted.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec("joint_fit", calibrating.FITTED, wildcards),
    shell:
        "python -m sdposim calibration fitted --spec {params.spec:q}"
        " --output {output.fit:q} > {log:q} 2>&1"


rule joint_fit_readings:
    """Fit every other reading of the paper, and compare their evidence."""
    input:
        calibrating.FITTED,
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
        "python -m sdposim calibration readings --spec {params.spec:q}"
        " --output {output.fits:q} > {log:q} 2>&1"


rule joint_fit_left_out:
    """Predict the numbers of each source from all others."""
    input:
        calibrating.FITTED,
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
        "python -m sdposim calibration left_out --spec {params.spec:q}"
        " --output {output.predictions:q} > {log:q} 2>&1"


rule joint_fit_papers:
    """Simulate papers with settings drawn from the prior."""
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
        "python -m sdposim calibration papers --spec {params.spec:q}"
        " --output {output.papers:q} > {log:q} 2>&1"


rule joint_fit_posterior:
    """What the numbers say of the settings on any landscape."""
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
        "python -m sdposim calibration posterior --spec {params.spec:q}"
        " --output {output.draws:q} > {log:q} 2>&1"


rule joint_fit_synthetic:
    """Search the settings and the landscape of one synthetic paper."""
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
        "python -m sdposim calibration synthetic --spec {params.spec:q}"
        " --output {output.found:q} > {log:q} 2>&1"


rule joint_fit_candidates:
    """Simulate round settings near the best."""
    input:
        calibrating.FITTED,
        begun,
    output:
        candidates=calibrating.CANDIDATES,
    log:
        "results/joblogs/joint_fit/candidates.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec("joint_fit", calibrating.CANDIDATES, wildcards),
    shell:
        "python -m sdposim calibration candidates --spec {params.spec:q}"
        " --output {output.candidates:q} > {log:q} 2>&1"


rule joint_fit_preset:
    """Choose the round settings of the preset `paper`."""
    input:
        calibrating.CANDIDATES,
        begun,
    output:
        preset=calibrating.PRESET,
    log:
        "results/joblogs/joint_fit/preset.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: sealed_spec("joint_fit", calibrating.PRESET, wildcards),
    shell:
        "python -m sdposim calibration preset --spec {params.spec:q}"
        " --output {output.preset:q} > {log:q} 2>&1"


rule joint_fit_report:
    """Write the joint fit's page, tables and figures."""
    input:
        calibrating.FITTED,
        list(JOINT_FIT_READINGS),
        list(calibrating.left_out()),
        JOINT_FIT_POSTERIORS,
        calibrating.CANDIDATES,
        calibrating.PRESET,
    output:
        CALIBRATION_FILES["joint_fit"],
        receipt=TARGETS["joint_fit"].receipt,
    log:
        "results/joblogs/joint_fit/report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_report(),
    shell:
        "python -m sdposim calibration joint_fit --spec {params.spec:q}"
        " --output {output.receipt:q} > {log:q} 2>&1"


rule joint_fit_check_report:
    """Write the check's page, table and figure."""
    input:
        list(JOINT_FIT_SYNTHETIC),
    output:
        CALIBRATION_FILES["joint_fit_check"],
        receipt=TARGETS["joint_fit_check"].receipt,
    log:
        "results/joblogs/joint_fit/check_report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: joint_fit_check_report(),
    shell:
        "python -m sdposim calibration joint_fit_check --spec {params.spec:q}"
        " --output {output.receipt:q} > {log:q} 2>&1"
