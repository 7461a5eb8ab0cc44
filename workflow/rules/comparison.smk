# Every published value that the studies answer, beside the reproduced one.


rule comparison:
    input:
        cells=expand("results/summaries/{study}/cells.parquet", study=COMPARED),
        curves=expand("results/summaries/{study}/curves.parquet", study=COMPARED),
    output:
        "reports/comparison.md",
        report(
            "reports/comparison.csv",
            caption="../report/comparison.rst",
            category="Tables",
            labels={"table": "comparison"},
        ),
        receipt=COMPARISON_RECEIPT,
    log:
        "results/joblogs/comparison.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=comparison_spec(),
    shell:
        "python -m sdposim comparison --cells {input.cells:q}"
        " --curves {input.curves:q} --spec {params.spec:q} --stem reports/comparison"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
