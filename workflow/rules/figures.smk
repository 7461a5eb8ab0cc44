# Figures of a study with the published values marked.
from sdposim.workflow.configuration.models import TAKEN


rule figure:
    """One figure of a study, with the data that it shows."""
    input:
        cells=lambda wildcards: made("figures", wildcards.figure).inputs[0],
        curves=lambda wildcards: made("figures", wildcards.figure).inputs[1],
    output:
        multiext("reports/figures/{figure}", ".png", ".pdf", ".csv"),
        report(
            "reports/figures/{figure}.svg",
            category="6 Files",
            labels={"file": "figures/{figure}.svg"},
        ),
        receipt="results/receipts/figures/{figure}.json",
    log:
        "results/joblogs/figures/{figure}.log",
    # The identification's and the joint fit's figures are no study's. A dot ends a name: it is not the end of the path.
    wildcard_constraints:
        figure=f"(?!({'|'.join(TAKEN)})[.])[a-z0-9_-]+",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: made("figures", wildcards.figure).spec,
    shell:
        "python -m sdposim figure --cells {input.cells:q} --curves {input.curves:q}"
        " --spec {params.spec:q} --stem reports/figures/{wildcards.figure:q}"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
