# Tables of a study beside the published values.


rule table:
    """One table of a study, as csv, Markdown and LaTeX."""
    input:
        cells=lambda wildcards: made("tables", wildcards.table).inputs,
    output:
        multiext("reports/tables/{table}", ".md", ".tex"),
        report(
            "reports/tables/{table}.csv",
            category="6 Files",
            labels={"file": "tables/{table}.csv"},
        ),
        receipt="results/receipts/tables/{table}.json",
    log:
        "results/joblogs/tables/{table}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: made("tables", wildcards.table).spec,
    shell:
        "python -m sdposim table --cells {input.cells:q} --spec {params.spec:q}"
        " --stem reports/tables/{wildcards.table:q} --receipt {output.receipt:q} > {log:q} 2>&1"
