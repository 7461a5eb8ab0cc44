# Which of the paper's claims hold: `snakemake -- claims`.
from sdposim.audit.claims import read_claims
from sdposim.workflow.claims import Audit

AUDIT = Audit(CONFIG, ARTEFACTS, PUBLISHED, asked(read_claims))
TARGETS["claims"] = AUDIT.target()


wildcard_constraints:
    claim="[A-Za-z][A-Za-z0-9_-]*",


rule claims:
    input:
        TARGETS["claims"].files,
        # A clone has the reports but not these, and so computes them.
        TARGETS["claims"].inputs,
        TARGETS["claims"].record,
        # Or nobody would notice that one of them was deleted.
        AUDIT.trained(),


rule claim:
    input:
        lambda wildcards: asked(lambda: AUDIT.of(wildcards.claim).inputs),
    output:
        evidence="results/claims/{claim}.parquet",
    log:
        "results/joblogs/claims/{claim}.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: asked(lambda: AUDIT.of(wildcards.claim).spec()),
    # Through a pipe, because the spec can be longer than a command line.
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim claim"
        " --output {output.evidence:q} > {log:q} 2>&1"


rule claims_report:
    input:
        TARGETS["claims"].inputs,
    output:
        TARGETS["claims"].files,
        receipt=TARGETS["claims"].receipt,
    log:
        "results/joblogs/claims/report.log",
    conda:
        "../../envs/environment.yaml"
    params:
        spec=lambda wildcards: asked(AUDIT.report_spec),
    shell:
        "printf '%s\\n' {params.spec:q} | python -m sdposim claims"
        " --receipt {output.receipt:q} > {log:q} 2>&1"
