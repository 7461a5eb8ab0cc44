# Every published value that the studies answer, beside the reproduced one.


rule comparison:
    """Every published value that the studies answer, beside the reproduced one."""
    input:
        cells=lambda wildcards: made("comparisons", "comparison").inputs[::2],
        curves=lambda wildcards: made("comparisons", "comparison").inputs[1::2],
    output:
        "reports/comparison.md",
        report(
            "reports/comparison.csv",
            category="6 Files",
            labels={"file": "comparison.csv"},
        ),
        receipt="results/receipts/comparison.json",
    log:
        "results/joblogs/comparison.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: made("comparisons", "comparison").spec,
    shell:
        "python -m sdposim comparison --cells {input.cells:q}"
        " --curves {input.curves:q} --spec {params.spec:q} --stem reports/comparison"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
