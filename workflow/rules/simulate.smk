# Training: the kernel is compiled once, then each job trains a block of cells, and on request
# another keeps their policies.


rule compile_kernel:
    """Compile the kernel for this machine, once."""
    input:
        begun,
    output:
        kernel=KERNEL,
    log:
        "results/joblogs/compile_kernel.log",
    priority: 1
    conda:
        "../../envs/environment.yaml"
    params:
        spec=plan.canonical({"digest": KERNEL_DIGEST}),
    shell:
        "python -m sdposim compile --output {output.kernel:q} > {log:q} 2>&1"


rule train:
    """Train a block of cells, seeds of one condition, and write their log."""
    input:
        # Nothing. A rule without input is in every graph of jobs, so it is where a run begins.
        begun,
    output:
        log="results/logs/{setting}/{method}/{feedback}/noise={noise}/seeds={seeds}.parquet",
    log:
        "results/joblogs/train/{setting}/{method}/{feedback}/noise={noise}/seeds={seeds}.log",
    benchmark:
        "results/benchmarks/train/{setting}/{method}/{feedback}/noise={noise}/seeds={seeds}.tsv"
    conda:
        "../../envs/environment.yaml"
    params:
        spec=training_spec,
    shell:
        "python -m sdposim train --spec {params.spec:q} --setting {wildcards.setting:q}"
        " --output {output.log:q} > {log:q} 2>&1"


rule policies:
    """Train a block of cells, and keep their policies after chosen steps."""
    input:
        begun,
    output:
        policies="results/policies/{study}/{setting}/{method}/{feedback}/noise={noise}/seeds={seeds}.parquet",
    log:
        "results/joblogs/policies/{study}/{setting}/{method}/{feedback}/noise={noise}/seeds={seeds}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=policies_spec,
    shell:
        "python -m sdposim policies --spec {params.spec:q} --setting {wildcards.setting:q}"
        " --output {output.policies:q} > {log:q} 2>&1"
